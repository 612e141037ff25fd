import { describe, expect, test } from 'vitest';
import { balanceOf } from '../../shared/domain/ledger/lot.ts';
import type { Accounts, Command } from '../../shared/store/accounts.ts';
import type { Database } from '../../shared/store/database.ts';
import { AccountBusy } from '../../shared/store/errors.ts';
import { describeOnEngines, freshAccountId, newAccounts } from '../engines/engines.ts';
import { deductCommand, grantCommand, holdCommand, refundCommand, releaseCommand, settleCommand } from './commands.ts';
import { faultyDatabase } from './faulty-database.ts';
import { answersOf } from './processes.ts';
import { soundAccount } from './sound.ts';

const next_month = Date.parse('2026-12-24T00:00:00.000Z');

/**
 * A process that stops just before it sends its first transaction, and goes on when it is told to.
 */
function sleeper(database: Database) {
  const [stopped, resumed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let call = '';
  let slept_ms = 0;
  const sleeping = faultyDatabase(
    database,
    (_, name) => {
      call = name;
      return null;
    },
    async () => {
      if (call !== 'TransactWrite') return;
      stopped.resolve();
      await resumed.promise;
    },
  );
  const accounts: Accounts = newAccounts(sleeping, { stopwatch: () => slept_ms, wait: async () => undefined });
  const resume = (after_ms: number) => {
    slept_ms = after_ms;
    resumed.resolve();
  };
  return { accounts, stopped: stopped.promise, resume };
}

const commands: readonly (readonly [string, Command])[] = [
  ['a charge', deductCommand('new', 10)],
  ['a hold', holdCommand('new', 10)],
  ['a settlement', settleCommand('open', 25)],
  ['a release', releaseCommand('open')],
  ['a refund', refundCommand('r', 'use:k', 15)],
  ['a grant', grantCommand('new', 10)],
];

describeOnEngines('an attempt that sleeps before its transaction', (database) => {
  async function openedAccount(): Promise<string> {
    const account_id = freshAccountId();
    const opened = await newAccounts(database).transactAll(account_id, [
      deductCommand('k', 20),
      holdCommand('open', 30, { expires_in_s: 40 * 86_400 }),
    ]);
    expect(answersOf(opened).reasons).toEqual([]);
    return account_id;
  }

  describe.each([
    ['a moment', 100],
    ['longer than its deadline', 60_000],
  ])('for %s', (_, slept_ms) => {
    test.each(commands)(
      '%s: has no effect when its retry was made and a reset and another charge followed',
      async (_name, command) => {
        const account_id = await openedAccount();
        const { accounts, stopped, resume } = sleeper(database);
        const late = accounts.transact(account_id, command);
        await stopped;
        const retried = await newAccounts(database).transact(account_id, command);
        await newAccounts(database, { clock: () => next_month }).transact(account_id, deductCommand('other', 7));
        const before = await soundAccount(database, account_id);

        resume(slept_ms);
        expect(await late).toMatchObject({ replayed: true, entry: retried.entry });
        expect(await soundAccount(database, account_id)).toEqual(before);
      },
    );
  });

  test('past its deadline has no effect when its retry was refused, even if there are credits again', async () => {
    const account_id = await openedAccount();
    const { accounts, stopped, resume } = sleeper(database);
    const late = accounts.transact(account_id, deductCommand('new', 40));
    await stopped;
    const retry = newAccounts(database);
    await retry.transact(account_id, deductCommand('most', 45));
    await expect(retry.transact(account_id, deductCommand('new', 40))).rejects.toMatchObject({
      code: 'insufficient_credits',
    });
    await retry.transact(account_id, grantCommand('more', 100));

    resume(60_000);
    await expect(late).rejects.toThrow(AccountBusy);
    expect(balanceOf((await soundAccount(database, account_id)).account.lots)).toBe(135);
    // The key is still good for one charge.
    expect(await retry.transact(account_id, deductCommand('new', 40))).toMatchObject({ replayed: false });
  });
});
