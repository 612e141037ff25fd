import { expect, test } from 'vitest';
import { refusal } from '../../shared/domain/errors.ts';
import { balanceOf } from '../../shared/domain/ledger/lot.ts';
import { describeOnEngines, freshAccountId, newAccounts, test_now } from '../engines/engines.ts';
import { deductCommand, grantCommand, holdCommand, refundCommand, rollCommand, settleCommand } from './commands.ts';
import { answersOf, newProcesses } from './processes.ts';
import { soundAccount } from './sound.ts';

const day_ms = 86_400_000;

describeOnEngines('refunds', (database) => {
  async function charged(amount: number): Promise<string> {
    const account_id = freshAccountId();
    await newAccounts(database).transact(account_id, deductCommand('k', amount));
    return account_id;
  }

  async function balanceAfter(account_id: string): Promise<number> {
    return balanceOf((await soundAccount(database, account_id)).account.lots);
  }

  const in_processes = [
    ['in one process', 1],
    ['in eight processes', 8],
  ] as const;

  test.each(in_processes)('one key 20 times in parallel %s: one refund, one answer', async (_, n) => {
    const account_id = await charged(60);
    const processOf = newProcesses(database, n);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_unused, request) =>
        processOf(request).transact(account_id, refundCommand('r', 'use:k')),
      ),
    );
    expect(new Set(outcomes.map(({ entry }) => entry?.hash)).size).toBe(1);
    expect(outcomes.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await balanceAfter(account_id)).toBe(100);
  });

  test.each(in_processes)('20 parts of 7 of a charge of 60 at once %s: 8 are given back, and no more', async (_, n) => {
    const account_id = await charged(60);
    const processOf = newProcesses(database, n);
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, (_unused, request) =>
        processOf(request).transact(account_id, refundCommand(`${request}`, 'use:k', 7)),
      ),
    );
    const { values, reasons } = answersOf(settled);
    expect(values).toHaveLength(8);
    for (const reason of reasons) expect(reason).toEqual(refusal('refund_exceeds_charge', { refundable_credits: 4 }));
    expect(await balanceAfter(account_id)).toBe(96);
    await processOf(0).transact(account_id, refundCommand('rest', 'use:k'));
    expect(await balanceAfter(account_id)).toBe(100);
    await expect(processOf(0).transact(account_id, refundCommand('more', 'use:k'))).rejects.toEqual(
      refusal('refund_exceeds_charge', { refundable_credits: 0 }),
    );
  });

  test('two processes that know the same version: the second sees what the first gave back', async () => {
    const account_id = await charged(60);
    const [a, b] = [newAccounts(database), newAccounts(database)];
    await Promise.all([a, b].map((process) => process.transact(account_id, refundCommand('warm', 'use:k', 1))));
    await a.transact(account_id, refundCommand('a', 'use:k', 40));
    await expect(b.transact(account_id, refundCommand('b', 'use:k', 20))).rejects.toEqual(
      refusal('refund_exceeds_charge', { refundable_credits: 19 }),
    );
    expect(await b.transact(account_id, refundCommand('c', 'use:k'))).toMatchObject({ entry: { amount: 19 } });
    expect(await balanceAfter(account_id)).toBe(100);
  });

  test('charges and their refunds at once, each refund as soon as its charge is answered: all agree', async () => {
    const account_id = freshAccountId();
    const processOf = newProcesses(database, 4);
    await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        await processOf(n).transact(account_id, deductCommand(`${n}`, 5));
        await processOf(n + 1).transact(account_id, refundCommand(`${n}`, `use:${n}`));
      }),
    );
    expect(await balanceAfter(account_id)).toBe(100);
  });

  test('an unknown entry, or one that charges nothing, cannot be refunded', async () => {
    const account_id = await charged(60);
    const accounts = newAccounts(database);
    await expect(accounts.transact(account_id, refundCommand('a', 'use:other'))).rejects.toMatchObject({
      code: 'entry_not_found',
    });
    const [reset] = (await soundAccount(database, account_id)).entries;
    await expect(accounts.transact(account_id, refundCommand('b', reset?.entry_id ?? ''))).rejects.toEqual(
      refusal('refund_exceeds_charge', { refundable_credits: 0 }),
    );
    await accounts.transact(account_id, refundCommand('c', 'use:k', 10));
    await expect(accounts.transact(account_id, refundCommand('d', 'refund:c'))).rejects.toEqual(
      refusal('refund_exceeds_charge', { refundable_credits: 0 }),
    );
    await expect(accounts.transact(freshAccountId(), refundCommand('e', 'use:k'))).rejects.toMatchObject({
      code: 'entry_not_found',
    });
    // A refusal does not burn its key.
    await accounts.transact(account_id, deductCommand('other', 20));
    expect(await accounts.transact(account_id, refundCommand('a', 'use:other'))).toMatchObject({ replayed: false });
    await soundAccount(database, account_id);
  });

  test('the same key with another amount is refused; a retried full refund gets the first answer', async () => {
    const account_id = await charged(60);
    const first = await newAccounts(database).transact(account_id, refundCommand('r', 'use:k'));
    expect(await newAccounts(database).transact(account_id, refundCommand('r', 'use:k'))).toMatchObject({
      replayed: true,
      entry: first.entry,
    });
    await expect(newAccounts(database).transact(account_id, refundCommand('r', 'use:k', 1))).rejects.toMatchObject({
      code: 'idempotency_key_reused',
    });
  });

  test('of a settlement, of an emptied lot and of an expired lot: each as if it had not been spent', async () => {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    await accounts.transactAll(account_id, [
      grantCommand('g', 30, { expires_at: test_now + day_ms, priority: 1 }),
      holdCommand('h', 50),
    ]);
    await accounts.transact(account_id, settleCommand('h', 40));
    const returned = await accounts.transact(account_id, refundCommand('a', 'settle:h', 25));
    expect(returned.entry?.lots.map(({ amount }) => amount)).toEqual([10, 15]);
    expect(await balanceAfter(account_id)).toBe(115);

    const late = newAccounts(database, { clock: () => test_now + day_ms });
    await late.transact(account_id, refundCommand('b', 'settle:h'));
    const { entries, account } = await soundAccount(database, account_id);
    expect(entries.slice(-3).map(({ entry_id, amount }) => [entry_id, amount])).toEqual([
      ['expire:lot_2', -15],
      ['refund:b', 15],
      ['expire:refund:b', -15],
    ]);
    expect(balanceOf(account.lots)).toBe(100);
  });

  test('a refund, a reset and a deduction racing at the boundary have one of their serial outcomes', async () => {
    const account_id = await charged(60);
    const processOf = newProcesses(database, 4, { clock: () => test_now + 40 * day_ms });
    await Promise.all([
      processOf(0).transact(account_id, rollCommand()),
      processOf(1).transact(account_id, refundCommand('r', 'use:k')),
      processOf(2).transact(account_id, deductCommand('new', 70)),
      processOf(3).transact(account_id, rollCommand()),
    ]);
    expect(await balanceAfter(account_id)).toBe(30);
  });
});
