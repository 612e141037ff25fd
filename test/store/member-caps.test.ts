import { expect, test } from 'vitest';
import { refusal } from '../../shared/domain/errors.ts';
import { getMember } from '../../shared/store/account-rows.ts';
import { describeOnEngines, freshAccountId, newAccounts, test_now } from '../engines/engines.ts';
import { capCommand, deductCommand, grantCommand, holdCommand, refundCommand, settleCommand } from './commands.ts';
import { faultyDatabase } from './faulty-database.ts';
import { answersOf, newProcesses } from './processes.ts';
import { soundAccount, storedAccount } from './sound.ts';

const next_month = Date.parse('2026-12-01T00:00:00.000Z');

describeOnEngines('member caps', (database) => {
  async function capped(member: string, cap: number, credits = 400): Promise<string> {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    await accounts.transactAll(account_id, [grantCommand('g', credits), capCommand(member, cap)]);
    return account_id;
  }

  test.each([
    ['in one process', 1],
    ['in four processes', 4],
  ])('40 parallel deductions of 3 by a member with a cap of 50 %s: 16 succeed', async (_, n) => {
    const account_id = await capped('ann', 50);
    const processOf = newProcesses(database, n);
    const [ann, bob] = await Promise.all([
      Promise.allSettled(
        Array.from({ length: 40 }, (_unused, request) =>
          processOf(request).transact(account_id, deductCommand(`ann${request}`, 3, undefined, 'ann')),
        ),
      ),
      Promise.allSettled(
        Array.from({ length: 10 }, (_unused, request) =>
          processOf(request).transact(account_id, deductCommand(`bob${request}`, 3, undefined, 'bob')),
        ),
      ),
    ]);
    const { values, reasons } = answersOf(ann);
    expect(values).toHaveLength(16);
    for (const reason of reasons)
      expect(reason).toEqual(refusal('member_cap_exceeded', { required: 3, monthly_credits: 50, used_credits: 48 }));
    expect(answersOf(bob).reasons).toEqual([]);
    await soundAccount(database, account_id);
    expect(await getMember(database, account_id, 'ann')).toEqual({
      member: 'ann',
      monthly_credits: 50,
      month: '2026-11',
      used_credits: 48,
    });
    expect(await getMember(database, account_id, 'bob')).toMatchObject({ monthly_credits: null, used_credits: 30 });
  });

  test('a member’s holds, settlements, deductions and refunds at once never pass the cap', async () => {
    const account_id = await capped('ann', 60);
    const processOf = newProcesses(database, 4);
    await Promise.all(
      Array.from({ length: 16 }, async (_, n) => {
        const accounts = processOf(n);
        const spent =
          n % 2 === 0
            ? accounts.transact(account_id, holdCommand(`${n}`, 8, { member: 'ann' }))
            : accounts.transact(account_id, deductCommand(`${n}`, 8, undefined, 'ann'));
        const { reasons } = answersOf(await Promise.allSettled([spent]));
        for (const reason of reasons) expect(reason).toMatchObject({ code: 'member_cap_exceeded' });
        if (reasons.length > 0) return;
        if (n % 2 === 0) await accounts.transact(account_id, settleCommand(`${n}`, 30, 'charge_available'));
        else if (n % 4 === 1) await accounts.transact(account_id, refundCommand(`${n}`, `use:${n}`, 5));
        const { used_credits } = await getMember(database, account_id, 'ann');
        expect(used_credits).toBeLessThanOrEqual(60);
      }),
    );
    await soundAccount(database, account_id);
  });

  test('a hold counts while it is open, and its settlement in the month in which it is made', async () => {
    const account_id = await capped('ann', 50);
    const accounts = newAccounts(database);
    await accounts.transact(account_id, holdCommand('h', 40, { member: 'ann', expires_in_s: 86_400 * 20 }));
    const over = accounts.transact(account_id, deductCommand('a', 11, undefined, 'ann'));
    await expect(over).rejects.toEqual(
      refusal('member_cap_exceeded', { required: 11, monthly_credits: 50, used_credits: 40 }),
    );
    await accounts.transact(account_id, deductCommand('b', 10, undefined, 'ann'));
    const december = newAccounts(database, { clock: () => next_month });
    await december.transact(account_id, settleCommand('h', 35));
    expect(await getMember(database, account_id, 'ann')).toMatchObject({ month: '2026-12', used_credits: 35 });
    // Of an earlier month: it gives credits back, and no room under the cap.
    await december.transact(account_id, refundCommand('r', 'use:b'));
    expect(await getMember(database, account_id, 'ann')).toMatchObject({ month: '2026-12', used_credits: 35 });
    await soundAccount(database, account_id);
  });

  test('a cap can be set, set again and removed; the count goes on', async () => {
    const account_id = await capped('ann', 50);
    const accounts = newAccounts(database);
    await accounts.transact(account_id, deductCommand('a', 20, undefined, 'ann'));
    const { version } = await storedAccount(database, account_id);
    for (const process of [accounts, newAccounts(database)]) {
      const again = await process.transact(account_id, capCommand('ann', 50));
      expect(again.account.rows.members).toEqual([
        { member: 'ann', monthly_credits: 50, month: '2026-11', used_credits: 20 },
      ]);
    }
    expect((await storedAccount(database, account_id)).version).toBe(version);
    await accounts.transact(account_id, capCommand('ann', null));
    await accounts.transact(account_id, capCommand('nobody', null));
    await accounts.transact(account_id, deductCommand('b', 40, undefined, 'ann'));
    await accounts.transact(account_id, capCommand('ann', 61));
    await expect(accounts.transact(account_id, deductCommand('c', 2, undefined, 'ann'))).rejects.toEqual(
      refusal('member_cap_exceeded', { required: 2, monthly_credits: 61, used_credits: 60 }),
    );
    await soundAccount(database, account_id);
  });

  test('caps of several members and a charge in one group are committed together', async () => {
    const account_id = freshAccountId();
    const { client, tables, calls } = faultyDatabase(database, () => null);
    const accounts = newAccounts({ client, tables });
    await accounts.transact(account_id, capCommand('ann', 10));
    const before = calls.length;
    const settled = await accounts.transactAll(account_id, [
      capCommand('bob', 20),
      capCommand('ann', 10),
      deductCommand('a', 4, undefined, 'ann'),
      deductCommand('b', 21, undefined, 'bob'),
      deductCommand('c', 5, undefined, 'bob'),
      capCommand('ann', 30),
      deductCommand('d', 20, undefined, 'ann'),
    ]);
    expect(answersOf(settled).reasons).toEqual([
      refusal('member_cap_exceeded', { required: 21, monthly_credits: 20, used_credits: 0 }),
    ]);
    expect(calls.slice(before).filter((name) => name === 'TransactWrite')).toHaveLength(1);
    await soundAccount(database, account_id);
    expect(await getMember(database, account_id, 'ann')).toMatchObject({ monthly_credits: 30, used_credits: 24 });
    expect(await getMember(database, account_id, 'bob')).toMatchObject({ monthly_credits: 20, used_credits: 5 });
  });

  test('40 members at once, each with a feature, exceed one transaction: each is booked once', async () => {
    const account_id = await capped('0', 50);
    const accounts = newAccounts(database);
    await Promise.all(
      Array.from({ length: 40 }, (_, n) => accounts.transact(account_id, deductCommand(`${n}`, 2, `f_${n}`, `${n}`))),
    );
    expect((await soundAccount(database, account_id)).entries).toHaveLength(42);
  });

  test('a process that does not know the first cap yet cannot spend past it', async () => {
    const account_id = freshAccountId();
    const [unaware, other] = [newAccounts(database), newAccounts(database)];
    await unaware.transact(account_id, deductCommand('before', 5, undefined, 'ann'));
    await other.transact(account_id, capCommand('ann', 10));
    await unaware.transact(account_id, deductCommand('a', 10, undefined, 'ann'));
    await expect(unaware.transact(account_id, deductCommand('b', 1, undefined, 'ann'))).rejects.toEqual(
      refusal('member_cap_exceeded', { required: 1, monthly_credits: 10, used_credits: 10 }),
    );
    await soundAccount(database, account_id);
  });

  test('without caps a member costs no read and no row', async () => {
    const account_id = freshAccountId();
    const { client, tables, calls } = faultyDatabase(database, () => null);
    const accounts = newAccounts({ client, tables }, { clock: () => test_now });
    await accounts.transact(account_id, deductCommand('a', 5, undefined, 'ann'));
    await accounts.transact(account_id, holdCommand('h', 5, { member: 'ann' }));
    await accounts.transact(account_id, settleCommand('h', 5));
    await accounts.transact(account_id, capCommand('ann', null));
    const each = ['Get', 'TransactWrite'];
    // The last changes nothing and writes nothing.
    expect(calls).toEqual([...each, ...each, ...each, 'Get']);
    const { entries } = await soundAccount(database, account_id);
    expect(entries.some(({ member }) => member !== undefined)).toBe(false);
    expect(await getMember(database, account_id, 'ann')).toMatchObject({ month: '', used_credits: 0 });
  });

  test('with caps a charge reads one row more and writes one row more', async () => {
    const account_id = await capped('ann', 50);
    const { client, tables, calls } = faultyDatabase(database, () => null);
    const accounts = newAccounts({ client, tables });
    await accounts.transact(account_id, deductCommand('a', 5, undefined, 'ann'));
    await accounts.transact(account_id, deductCommand('b', 5, undefined, 'ann'));
    await accounts.transact(account_id, deductCommand('service', 5));
    const capped_use = ['Get', 'Get', 'TransactWrite'];
    expect(calls).toEqual([...capped_use, ...capped_use, 'Get', 'TransactWrite']);
  });
});
