import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dueShard } from '../../shared/store/account-item.ts';
import type { Command } from '../../shared/store/accounts.ts';
import { listDueAccounts } from '../../shared/store/due-accounts.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { describeOnEngines, freshAccountId, newAccounts, pace, test_now } from '../engines/engines.ts';
import {
  capCommand,
  deductCommand,
  grantCommand,
  holdCommand,
  overrideCommand,
  refundCommand,
  releaseCommand,
  rollCommand,
  settleCommand,
} from './commands.ts';
import { answersOf } from './processes.ts';
import { scheduledAccounts } from './scheduled-database.ts';
import { soundAccount } from './sound.ts';

const roll = rollCommand();
const next_month = Date.parse('2026-12-24T00:00:00.000Z');

describeOnEngines('the sweep', (database) => {
  test('finds what is due in its shard, and nothing else', async () => {
    const account_id = freshAccountId();
    await newAccounts(database).read(account_id);
    const shard = dueShard(account_id, 4);
    const find = async (now: number) => {
      const ids: string[] = [];
      let cursor: Awaited<ReturnType<typeof listDueAccounts>>['cursor'] = null;
      do {
        const page = await listDueAccounts(database, { shard, now, limit: 2, cursor: cursor ?? undefined });
        ids.push(...page.account_ids);
        cursor = page.cursor;
      } while (cursor !== null);
      return ids;
    };
    expect(await find(next_month)).toContain(account_id);
    expect(await find(test_now + 1)).not.toContain(account_id);
    await newAccounts(database, { clock: () => next_month }).transact(account_id, roll);
    expect(await find(next_month)).not.toContain(account_id);
  });

  test('ten sweeps and a deduction at once: one reset, and the deduction in one of the two periods', async () => {
    const account_id = freshAccountId();
    await newAccounts(database).transact(account_id, deductCommand('before', 60));
    const processes = Array.from({ length: 10 }, () =>
      newAccounts(database, { clock: () => next_month, deadline_ms: 60_000 }),
    );
    await Promise.all([
      ...processes.map((accounts) => accounts.transact(account_id, roll)),
      processes[0]?.transact(account_id, deductCommand('during', 70)),
    ]);
    expect(await verifyLedger(database, account_id, pace)).toEqual({ ok: true, entries: 5, balance: 30, problems: [] });
  });

  test('processes with clocks five minutes apart at the boundary: one reset, and time never runs backwards', async () => {
    const boundary = Date.parse('2026-12-23T10:00:00.000Z');
    const minute_ms = 60_000;
    const run = async (scheduler: fc.Scheduler) => {
      const account_id = freshAccountId();
      await newAccounts(database).read(account_id);
      const processes = [-5, 0, 5].map((minutes) =>
        scheduledAccounts(scheduler, database, () => boundary + minutes * minute_ms),
      );
      const sent = Array.from({ length: 9 }, async (_, n) => {
        await scheduler.schedule(Promise.resolve());
        return processes[n % 3]?.transact(account_id, n < 3 ? roll : deductCommand(`${n}`, 10));
      });
      expect(answersOf(await scheduler.waitFor(Promise.allSettled(sent))).reasons).toEqual([]);
      const { entries } = await soundAccount(database, account_id);
      expect(entries.filter(({ transaction_type }) => transaction_type === 'reset')).toHaveLength(2);
      expect(entries.filter(({ transaction_type }) => transaction_type === 'usage')).toHaveLength(6);
      expect(entries.toSorted((a, b) => a.created_at - b.created_at)).toEqual(entries);
    };
    await fc.assert(fc.asyncProperty(fc.scheduler(), run), { numRuns: 10 });
  });

  test('reads and does not write an account with nothing due', async () => {
    const account_id = freshAccountId();
    const { account } = await newAccounts(database).read(account_id);
    await newAccounts(database).transact(account_id, roll);
    expect((await newAccounts(database).read(account_id)).account.version).toBe(account.version);
  });

  const commands: readonly (readonly [string, Command])[] = [
    ['a deduction', deductCommand('new', 10, 'images', 'ann')],
    ['a hold', holdCommand('new', 10, { member: 'ann' })],
    ['a settlement', settleCommand('open', 25, 'charge_available')],
    ['a release', releaseCommand('open')],
    ['a release of what has expired', releaseCommand('ended')],
    ['a grant', grantCommand('new', 10)],
    ['a refund', refundCommand('r', 'use:k', 15)],
    ['a cap', capCommand('ann', 70)],
    ['an override', overrideCommand('ads', { allowed: true, expires_at: null })],
  ];

  test.each(commands)(
    '%s twice and two sweeps, in any interleaving: it is made once, and so is all that was due',
    async (_, command) => {
      const run = async (scheduler: fc.Scheduler) => {
        const account_id = freshAccountId();
        const opened = await newAccounts(database).transactAll(account_id, [
          capCommand('ann', 80),
          grantCommand('g', 50, { expires_at: test_now + 3_600_000, priority: 1 }),
          deductCommand('k', 20),
          holdCommand('ended', 10),
          holdCommand('open', 40, { expires_in_s: 40 * 86_400 }),
        ]);
        expect(answersOf(opened).reasons).toEqual([]);
        const processes = [1, 2, 3].map(() => scheduledAccounts(scheduler, database, () => next_month));
        const sent = [command, roll, command, roll].map(async (one, place) => {
          await scheduler.schedule(Promise.resolve());
          return processes[place % 3]?.transact(account_id, one);
        });
        const settled = await scheduler.waitFor(Promise.allSettled(sent));
        const { values, reasons } = answersOf(settled);
        expect(reasons).toEqual([]);
        const { account, entries } = await soundAccount(database, account_id);
        expect(entries.filter(({ transaction_type }) => transaction_type === 'reset')).toHaveLength(2);
        expect(entries.filter(({ entry_id }) => entry_id === command.entry_id)).toHaveLength(
          command.entry_id === null ? 0 : 1,
        );
        expect(values[2]?.entry).toEqual(values[0]?.entry);
        expect(account.overrides.length).toBe(command === commands.at(-1)?.[1] ? 1 : 0);
      };
      await fc.assert(fc.asyncProperty(fc.scheduler(), run), { numRuns: 2 });
    },
  );
});
