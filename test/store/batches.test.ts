import { expect, test } from 'vitest';
import { refusal } from '../../shared/domain/errors.ts';
import { balanceOf } from '../../shared/domain/ledger/lot.ts';
import { listUsage } from '../../shared/store/usage.ts';
import { describeOnEngines, freshAccountId, newAccounts, test_now } from '../engines/engines.ts';
import { deductCommand, grantCommand } from './commands.ts';
import { faultyDatabase } from './faulty-database.ts';
import { answersOf, newProcesses } from './processes.ts';
import { ledgerOf, soundAccount } from './sound.ts';

const next_month = Date.parse('2026-12-24T00:00:00.000Z');

const items = (count: number, amount: number, prefix = '') =>
  Array.from({ length: count }, (_, n) => deductCommand(`${prefix}${n}`, amount));

describeOnEngines('deduct a batch', (database) => {
  const counted = (clock = test_now) => {
    const faulty = faultyDatabase(database, () => null);
    return { accounts: newAccounts(faulty, { clock: () => clock }), calls: faulty.calls };
  };

  test('of 40 items with 40 features and a due reset: one transaction', async () => {
    const account_id = freshAccountId();
    await newAccounts(database).transact(account_id, deductCommand('before', 30));
    const { accounts, calls } = counted(next_month);
    const batch = Array.from({ length: 40 }, (_, n) => deductCommand(`${n}`, 2, `feature_${n}`));
    const { values, reasons } = answersOf(await accounts.transactAll(account_id, batch));
    expect(reasons).toEqual([]);
    expect(values.map(({ entry }) => entry?.balance_after)).toEqual(batch.map((_, n) => 98 - 2 * n));
    expect(calls).toEqual(['Get', 'TransactWrite']);
    const { entries } = await soundAccount(database, account_id);
    expect(entries).toHaveLength(44);
    const { rows: usage } = await listUsage(database, account_id, { from: '2026-12-24', to: '2026-12-24' });
    expect([usage.length, usage.reduce((sum, { credits }) => sum + credits, 0)]).toEqual([40, 80]);
  });

  test('in order: duplicates, a key with another body and an item that is too much are each judged in place', async () => {
    const account_id = freshAccountId();
    await newAccounts(database).transact(account_id, deductCommand('old', 10));
    const { accounts, calls } = counted();
    const [old, first, twice, other, much, last, old_other] = await accounts.transactAll(account_id, [
      deductCommand('old', 10),
      deductCommand('a', 50),
      deductCommand('a', 50),
      deductCommand('a', 51),
      deductCommand('much', 41),
      deductCommand('last', 40),
      deductCommand('old', 11),
    ]);
    expect(old).toMatchObject({ value: { replayed: true, entry: { seq: 2 } } });
    expect(first).toMatchObject({ value: { replayed: false, entry: { seq: 3, balance_after: 40 } } });
    expect(twice).toMatchObject({ value: { replayed: true, entry: { seq: 3 } } });
    expect(other).toMatchObject({ reason: refusal('idempotency_key_reused', {}) });
    expect(much).toMatchObject({ reason: refusal('insufficient_credits', { required: 41, available_credits: 40 }) });
    expect(last).toMatchObject({ value: { replayed: false, entry: { seq: 4, balance_after: 0 } } });
    expect(old_other).toMatchObject({ reason: refusal('idempotency_key_reused', {}) });
    // The second with what the first has found to be booked; and the looks in the ledger for those
    // that were refused.
    expect(calls.filter((name) => name === 'TransactWrite')).toHaveLength(2);
    expect((await soundAccount(database, account_id)).entries).toHaveLength(4);
  });

  test('again: booked items get their first answer, refused ones are refused again', async () => {
    const account_id = freshAccountId();
    const batch = [...items(5, 15), deductCommand('much', 50)];
    const first = await newAccounts(database).transactAll(account_id, batch);
    const again = await newAccounts(database).transactAll(account_id, batch);
    expect(answersOf(again).values.map(({ entry }) => entry)).toEqual(
      answersOf(first).values.map(({ entry }) => entry),
    );
    expect(answersOf(again).values.every(({ replayed }) => replayed)).toBe(true);
    expect(answersOf(again).reasons).toEqual([
      refusal('insufficient_credits', { required: 50, available_credits: 25 }),
    ]);
    expect((await soundAccount(database, account_id)).entries).toHaveLength(6);
  });

  test('in several processes beside single deductions: nothing is spent twice', async () => {
    const account_id = freshAccountId();
    const processOf = newProcesses(database, 4);
    const [batches, singles] = await Promise.all([
      Promise.all(
        Array.from({ length: 4 }, (_, n) =>
          processOf(n).transactAll(account_id, items(20, 1, n < 2 ? 'same' : `${n}`)),
        ),
      ),
      Promise.allSettled(
        Array.from({ length: 40 }, (_, n) => processOf(n).transact(account_id, deductCommand(`single${n}`, 2))),
      ),
    ]);
    const { account, entries } = await soundAccount(database, account_id);
    const booked = new Set(
      [...batches.flat(), ...singles].flatMap((answer) =>
        answer.status === 'fulfilled' ? [answer.value.entry?.hash] : [],
      ),
    );
    expect(booked.size).toBe(entries.length - 1);
    expect(balanceOf(account.lots)).toBeLessThan(2);
    expect(batches[0]?.map((answer) => ('value' in answer ? answer.value.entry : answer.reason))).toEqual(
      batches[1]?.map((answer) => ('value' in answer ? answer.value.entry : answer.reason)),
    );
  });

  test('waits for requests before it, and later requests wait for it', async () => {
    const account_id = freshAccountId();
    const { accounts, calls } = counted();
    await Promise.all([
      accounts.transact(account_id, deductCommand('first', 1)),
      accounts.transact(account_id, deductCommand('second', 1)),
      accounts.transactAll(account_id, items(40, 1)),
      accounts.transact(account_id, deductCommand('third', 1)),
      accounts.transactAll(account_id, []),
    ]);
    expect(calls).toEqual(Array.from({ length: 4 }, () => ['Get', 'TransactWrite']).flat());
    const { entries } = await soundAccount(database, account_id);
    expect(entries.map(({ entry_id }) => entry_id).slice(1, 4)).toEqual(['use:first', 'use:second', 'use:0']);
    expect(entries.at(-1)?.entry_id).toBe('use:third');
  });
});

describeOnEngines('a batch whose process is killed', (database) => {
  const moments = [0, 1, 2].flatMap((call) => [{ call, when: 'before' } as const, { call, when: 'after' } as const]);

  test.each(moments)(
    '$when call $call is booked whole or not at all, and the retry converges',
    async ({ call, when }) => {
      const account_id = freshAccountId();
      await newAccounts(database).transact(account_id, grantCommand('g', 20));
      // The last one is refused, so that the ledger is looked at as well.
      const batch = [...items(10, 10), deductCommand('much', 500)];
      const death = new Error('killed');
      const dying = faultyDatabase(database, (n) => {
        if (n < call) return null;
        return when === 'before' || n > call ? { before: death } : { after: death };
      });
      await newAccounts(dying).transactAll(account_id, batch);
      expect([2, 12]).toContain((await ledgerOf(database, account_id)).length);
      await soundAccount(database, account_id);
      const retried = answersOf(await newAccounts(database).transactAll(account_id, batch));
      expect([retried.values.length, retried.reasons]).toEqual([
        10,
        [refusal('insufficient_credits', { required: 500, available_credits: 20 })],
      ]);
      const { account } = await soundAccount(database, account_id);
      expect([account.seq, balanceOf(account.lots)]).toEqual([12, 20]);
    },
  );
});
