import { describe, expect, test } from 'vitest';
import { getEntry } from '../../shared/store/entries.ts';
import { AccountBusy } from '../../shared/store/errors.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { describeOnEngines, freshAccountId, newAccounts, pace } from '../engines/engines.ts';
import { deductCommand } from './commands.ts';
import { cancelled, type Fault, named } from './faulty-database.ts';
import { patientAccounts } from './patient-accounts.ts';

const conflict = () => cancelled('TransactionConflict', 'None');

const fails = (times: number, error: () => Error) => {
  let left = times;
  return (_: number, name: string): Fault => {
    if (name !== 'TransactWrite' || left === 0) return null;
    left -= 1;
    return { before: error() };
  };
};

describeOnEngines('faults of the database', (database) => {
  /** An account with its first period. */
  async function openedAccount(): Promise<string> {
    const account_id = freshAccountId();
    await newAccounts(database).read(account_id);
    return account_id;
  }

  describe('a deduction whose transaction', () => {
    test.each([
      ['meets another transaction', conflict],
      ['meets another transaction on its entry', () => cancelled('None', 'TransactionConflict')],
      ['is throttled', () => named('ThrottlingException')],
      ['exceeds the throughput', () => named('ProvisionedThroughputExceededException')],
      ['meets a plain write', () => named('TransactionConflictException')],
      ['is throttled inside', () => cancelled('ThrottlingError', 'None')],
      ['gets a server error', () => named('InternalServerError')],
      ['loses its connection', () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
      ['is not answered', () => named('TimeoutError')],
    ])('%s a few times: it is committed once', async (_, error) => {
      const account_id = await openedAccount();
      const { accounts } = patientAccounts(database, fails(4, error));
      expect(await accounts.transact(account_id, deductCommand('k', 5))).toMatchObject({
        entry: { balance_after: 95 },
      });
      expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true, entries: 2, balance: 95 });
    });

    test.each([
      ['meets others', conflict],
      ['is throttled', () => named('ThrottlingException')],
      ['is not answered', () => named('TimeoutError')],
    ])('%s past the deadline: it is AccountBusy, and was not made', async (_, error) => {
      const account_id = await openedAccount();
      const { accounts } = patientAccounts(database, fails(Number.POSITIVE_INFINITY, error));
      await expect(accounts.transact(account_id, deductCommand('k', 5))).rejects.toThrow(AccountBusy);
      expect(await getEntry(database, account_id, 'use:k')).toBeNull();
    });

    test.each([5, 100])(
      'took effect (%i of 100) though its answer was lost gets the answer from its entry',
      async (amount) => {
        const account_id = await openedAccount();
        const lost = (call: number, name: string): Fault =>
          name === 'TransactWrite' && call < 3 ? { after: named('TimeoutError') } : null;
        const { accounts } = patientAccounts(database, lost);
        const { entry } = await accounts.transact(account_id, deductCommand('k', amount));
        expect(entry).toMatchObject({ amount: -amount, balance_after: 100 - amount });
        expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true, entries: 2 });
      },
    );

    test('is cancelled for several reasons at once is decided by what happened: another took the version and most credits', async () => {
      const account_id = await openedAccount();
      const other = newAccounts(database);
      const { accounts } = patientAccounts(database, () => null);
      await accounts.read(account_id);
      await other.transact(account_id, deductCommand('theirs', 98));
      await expect(accounts.transact(account_id, deductCommand('ours', 5))).rejects.toMatchObject({
        code: 'insufficient_credits',
      });
      expect(await accounts.transact(account_id, deductCommand('theirs', 98))).toMatchObject({ replayed: true });
    });

    test('is made by two processes at one version: version and entry fail together, and it is a replay', async () => {
      const account_id = await openedAccount();
      const [a, b] = [newAccounts(database), newAccounts(database)];
      await Promise.all([a.read(account_id), b.read(account_id)]);
      await a.transact(account_id, deductCommand('k', 5));
      expect(await b.transact(account_id, deductCommand('k', 5))).toMatchObject({
        replayed: true,
        entry: { balance_after: 95 },
      });
    });
  });

  describe('reads', () => {
    test.each(['ThrottlingException', 'TimeoutError', 'InternalServerError'])(
      '%s: the answer is AccountBusy, never a refusal',
      async (name) => {
        const account_id = await openedAccount();
        const { accounts } = patientAccounts(database, () => ({ before: named(name) }));
        await expect(accounts.read(account_id)).rejects.toThrow(AccountBusy);
        await expect(accounts.transact(account_id, deductCommand('k', 500))).rejects.toThrow(AccountBusy);
      },
    );
  });

  describe('a process killed', () => {
    // Every call of a deduction on a new account, before it is sent and after it took effect.
    const moments = [0, 1].flatMap((call) => [{ call, when: 'before' } as const, { call, when: 'after' } as const]);

    test.each(moments)('$when call $call leaves nothing half done, and the retry converges', async ({ call, when }) => {
      const account_id = freshAccountId();
      const death = new Error('killed');
      const { accounts } = patientAccounts(database, (n) => {
        if (n < call) return null;
        return when === 'before' ? { before: death } : { after: death };
      });
      await expect(accounts.transact(account_id, deductCommand('k', 40))).rejects.toThrow(death);
      expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true });
      await newAccounts(database).transact(account_id, deductCommand('k', 40));
      expect(await verifyLedger(database, account_id, pace)).toEqual({
        ok: true,
        entries: 2,
        balance: 60,
        problems: [],
      });
    });

    test('while others wait behind it: each of them gets an answer', async () => {
      const account_id = await openedAccount();
      const { accounts } = patientAccounts(database, (n) => (n === 1 ? { before: new Error('killed') } : null));
      const all = await Promise.allSettled(
        Array.from({ length: 5 }, (_, n) => accounts.transact(account_id, deductCommand(`${n}`, 1))),
      );
      expect(all.filter(({ status }) => status === 'rejected')).toHaveLength(1);
      expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true, balance: 96 });
    });
  });

  describe('the calls of a deduction', () => {
    test('are one read and one transaction, each time', async () => {
      const account_id = await openedAccount();
      const { accounts, calls } = patientAccounts(database, () => null);
      await accounts.transact(account_id, deductCommand('a', 1));
      expect(calls).toEqual(['Get', 'TransactWrite']);
      await accounts.transact(account_id, deductCommand('b', 1));
      expect(calls).toEqual(['Get', 'TransactWrite', 'Get', 'TransactWrite']);
    });

    test('of a replay are one read and one transaction', async () => {
      const account_id = await openedAccount();
      const { accounts, calls } = patientAccounts(database, () => null);
      await accounts.transact(account_id, deductCommand('a', 1));
      await accounts.transact(account_id, deductCommand('a', 1));
      expect(calls).toEqual(['Get', 'TransactWrite', 'Get', 'TransactWrite']);
    });

    test('of 32 callers at once are two reads and two transactions: the first, and all that waited', async () => {
      const account_id = await openedAccount();
      const { accounts, calls } = patientAccounts(database, () => null);
      await Promise.all(Array.from({ length: 32 }, (_, n) => accounts.transact(account_id, deductCommand(`${n}`, 1))));
      expect(calls).toEqual(['Get', 'TransactWrite', 'Get', 'TransactWrite']);
    });
  });
});
