import { expect, test } from 'vitest';
import { rollForward } from '../../shared/domain/roll-forward.ts';
import { dueShard } from '../../shared/store/account-item.ts';
import type { Command } from '../../shared/store/accounts.ts';
import { listDueAccounts } from '../../shared/store/due-accounts.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { catalog, describeOnEngines, freshAccountId, newAccounts, pace, test_now } from '../engines/engines.ts';
import { deductCommand } from './commands.ts';

const roll: Command = {
  entry_id: null,
  fingerprint: null,
  decide: (account, now) => ({ draft: rollForward(account, catalog, now) }),
};
const next_month = Date.parse('2026-12-24T00:00:00.000Z');

describeOnEngines('the sweep', (database) => {
  test('finds what is due, in its shard, and nothing else', async () => {
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

  test('ten sweeps and a deduction at once: one reset, the deduction in one of the two periods', async () => {
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

  test('an account that has nothing due is read and not written', async () => {
    const account_id = freshAccountId();
    const { account } = await newAccounts(database).read(account_id);
    await newAccounts(database).transact(account_id, roll);
    expect((await newAccounts(database).read(account_id)).account.version).toBe(account.version);
  });
});
