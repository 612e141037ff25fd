import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { refusal } from '../../shared/domain/errors.ts';
import type { Accounts } from '../../shared/store/accounts.ts';
import { listEntries } from '../../shared/store/entries.ts';
import { listUsage } from '../../shared/store/usage.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { catalog, describeOnEngines, freshAccountId, newAccounts, pace, test_now } from '../engines/engines.ts';
import { deductCommand, grantCommand } from './commands.ts';
import { answersOf } from './processes.ts';

/** The process that takes the n-th request, in turns. */
function processOf(each: readonly Accounts[], n: number): Accounts {
  const accounts = each[n % each.length];
  if (accounts === undefined) throw new Error('there is no process');
  return accounts;
}

describeOnEngines('deduct', (database) => {
  async function ledgerOf(account_id: string) {
    return (await listEntries(database, account_id, { limit: 1_000 })).entries.toReversed();
  }

  async function availableOf(account_id: string) {
    const { account, now } = await newAccounts(database).read(account_id);
    return balanceAt(account, catalog, now).available_credits;
  }

  test('gives a new account its first allowance and spends from it', async () => {
    const account_id = freshAccountId();
    const { entry, replayed } = await newAccounts(database).transact(account_id, deductCommand('a', 30));
    expect(replayed).toBe(false);
    expect(entry).toMatchObject({
      entry_id: 'use:a',
      seq: 2,
      amount: -30,
      balance_after: 70,
      transaction_type: 'usage',
    });
    const [reset, usage] = await ledgerOf(account_id);
    expect(reset).toMatchObject({ transaction_type: 'reset', amount: 100, seq: 1, created_at: test_now });
    expect(usage).toEqual(entry);
    await expect(verifyLedger(database, account_id, pace)).resolves.toEqual({
      ok: true,
      entries: 2,
      balance: 70,
      problems: [],
    });
  });

  test.each([
    ['in one process', 1],
    ['in eight processes', 8],
  ])('200 parallel deductions of 1 on 100 credits %s: exactly 100 succeed', async (_, processes) => {
    const account_id = freshAccountId();
    const each = Array.from({ length: processes }, () => newAccounts(database, { deadline_ms: 60_000 }));
    const results = await Promise.allSettled(
      Array.from({ length: 200 }, (_unused, n) => processOf(each, n).transact(account_id, deductCommand(`${n}`, 1))),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(100);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'insufficient_credits' });
    expect(await availableOf(account_id)).toBe(0);
    expect(await verifyLedger(database, account_id, pace)).toEqual({
      ok: true,
      entries: 101,
      balance: 0,
      problems: [],
    });
  });

  test.each([
    ['in one process', 1],
    ['in five processes', 5],
  ])('one key 50 times in parallel %s: one entry, one answer', async (_, processes) => {
    const account_id = freshAccountId();
    const each = Array.from({ length: processes }, () => newAccounts(database, { deadline_ms: 60_000 }));
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_unused, n) => processOf(each, n).transact(account_id, deductCommand('same', 7))),
    );
    const [first] = outcomes;
    for (const { entry } of outcomes) expect(entry).toEqual(first?.entry);
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await ledgerOf(account_id)).toHaveLength(2);
  });

  test('the same key with another amount is refused, at once and later', async () => {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    const [first, other] = await Promise.allSettled([
      accounts.transact(account_id, deductCommand('k', 1)),
      accounts.transact(account_id, deductCommand('k', 2)),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(other).toMatchObject({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'idempotency_key_reused' }),
    });
    await expect(newAccounts(database).transact(account_id, deductCommand('k', 3))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  test('the same key on another account is another request', async () => {
    const accounts = newAccounts(database);
    const [a, b] = [freshAccountId(), freshAccountId()];
    await accounts.transact(a, deductCommand('k', 5));
    const { replayed } = await accounts.transact(b, deductCommand('k', 6));
    expect(replayed).toBe(false);
  });

  test.each([10 * 60_000, 25 * 3_600_000, 35 * 86_400_000])(
    'a retry %i ms later gets the first answer',
    async (later) => {
      const account_id = freshAccountId();
      const first = await newAccounts(database).transact(account_id, deductCommand('k', 100));
      const retried = await newAccounts(database, { clock: () => test_now + later }).transact(
        account_id,
        deductCommand('k', 100),
      );
      expect(retried).toMatchObject({ replayed: true, entry: first.entry });
    },
  );

  test('a retry whose credits are gone meanwhile gets the first answer, not a refusal', async () => {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    const first = await accounts.transact(account_id, deductCommand('k', 60));
    await accounts.transact(account_id, deductCommand('rest', 40));
    expect(await accounts.transact(account_id, deductCommand('k', 60))).toMatchObject({
      replayed: true,
      entry: first.entry,
    });
  });

  test('a refusal does not use up its key: after a top-up it succeeds, once', async () => {
    const account_id = freshAccountId();
    const each = Array.from({ length: 4 }, () => newAccounts(database));
    const send = async () =>
      answersOf(
        await Promise.allSettled(each.map((accounts) => accounts.transact(account_id, deductCommand('k', 101)))),
      );
    const { reasons } = await send();
    expect(reasons).toEqual(each.map(() => refusal('insufficient_credits', { required: 101, available_credits: 100 })));
    await newAccounts(database).transact(account_id, grantCommand('more', 50));
    const { values } = await send();
    expect(values).toHaveLength(each.length);
    expect(values.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await availableOf(account_id)).toBe(49);
  });

  test('a command knows what another process has committed', async () => {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    await accounts.transact(account_id, deductCommand('a', 100));
    await newAccounts(database, { clock: () => test_now + 40 * 86_400_000 }).transact(
      account_id,
      deductCommand('b', 10),
    );
    expect(await accounts.transact(account_id, deductCommand('c', 90))).toMatchObject({ entry: { balance_after: 0 } });
  });

  test('counts the feature in the same commit', async () => {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => accounts.transact(account_id, deductCommand(`${n}`, 3, 'images'))),
    );
    await accounts.transact(account_id, deductCommand('0', 3, 'images'));
    const { rows } = await listUsage(database, account_id, { from: '2026-11-23', to: '2026-11-23' });
    expect(rows).toEqual([{ date: '2026-11-23', feature: 'images', count: 10, credits: 30 }]);
  });

  test('accounts do not see each other', async () => {
    const [a, b] = [freshAccountId(), freshAccountId()];
    const accounts = newAccounts(database);
    await accounts.transact(a, deductCommand(randomUUID(), 99));
    expect(await availableOf(b)).toBe(100);
  });
});
