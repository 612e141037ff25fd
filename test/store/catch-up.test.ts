import { expect, test } from 'vitest';
import { balanceOf } from '../../shared/domain/ledger/lot.ts';
import { planOf } from '../../shared/domain/plan.ts';
import type { Database } from '../../shared/store/database.ts';
import { catalog, describeOnEngines, freshAccountId, newAccounts, test_now } from '../engines/engines.ts';
import { deductCommand, grantCommand, holdCommand, releaseCommand, rollCommand, settleCommand } from './commands.ts';
import { faultyDatabase } from './faulty-database.ts';
import { answersOf } from './processes.ts';
import { ledgerOf, soundAccount } from './sound.ts';

const hour_ms = 3_600_000;
const expired_at = test_now + hour_ms;
const after = { clock: () => test_now + 2 * hour_ms };

/**
 * 100 bonus lots and 100 holds, that end at one moment. Each hold has pinned the half of one lot.
 */
async function crowdedAccount(database: Database): Promise<string> {
  const account_id = freshAccountId();
  const accounts = newAccounts(database);
  const each = Array.from({ length: 100 }, (_, n) => n);
  const grants = each.map((n) => grantCommand(`${n}`, 10, { expires_at: expired_at, priority: 1 }));
  const { reasons } = answersOf(
    await Promise.allSettled(grants.map((command) => accounts.transact(account_id, command))),
  );
  expect(reasons).toEqual([]);
  await Promise.all(each.map((n) => accounts.transact(account_id, holdCommand(`${n}`, 5))));
  return account_id;
}

async function expectAllEnded(database: Database, account_id: string, balance: number): Promise<void> {
  const { account, entries } = await soundAccount(database, account_id);
  expect([account.holds.length, account.lots.length, balanceOf(account.lots)]).toEqual([0, 1, balance]);
  const ended = entries.filter(({ entry_id }) => /^(expire|release):/.test(entry_id));
  expect(ended).toHaveLength(200);
  expect(new Set(ended.map(({ created_at }) => created_at))).toEqual(new Set([expired_at]));
  expect(entries.toSorted((a, b) => a.created_at - b.created_at)).toEqual(entries);
}

describeOnEngines('an account with more due than one transaction holds', (database) => {
  test('100 lots and 100 holds: the next command succeeds, and each that ended has its entry and time', async () => {
    const account_id = await crowdedAccount(database);
    const { account, now } = await newAccounts(database, after).read(account_id);
    expect([balanceOf(account.lots), now]).toEqual([100, test_now + 2 * hour_ms]);
    const { entry } = await newAccounts(database, after).transact(account_id, deductCommand('next', 10));
    expect(entry).toMatchObject({ balance_after: 90, created_at: test_now + 2 * hour_ms });
    await expectAllEnded(database, account_id, 90);
  });

  test('two processes, sweeps and commands on ended lots at once: all converge', async () => {
    const account_id = await crowdedAccount(database);
    const [a, b] = [newAccounts(database, after), newAccounts(database, after)];
    const settled = await Promise.allSettled([
      a.transact(account_id, rollCommand()),
      b.transact(account_id, rollCommand()),
      a.transactAll(account_id, [deductCommand('1', 10), deductCommand('2', 20), deductCommand('3', 100)]),
      b.transact(account_id, releaseCommand('50')),
      a.transact(account_id, releaseCommand('99')),
    ]);
    expect(answersOf<unknown>(settled).reasons).toEqual([]);
    expect(settled[3]).toMatchObject({ value: { entry: { entry_id: 'release:50', actor: 'system' } } });
    expect(settled[4]).toMatchObject({ value: { entry: { entry_id: 'release:99', actor: 'system' } } });
    await expectAllEnded(database, account_id, 70);
  });

  test('a refused command alone still books what has ended, and stays refused', async () => {
    const account_id = await crowdedAccount(database);
    const late = newAccounts(database, after);
    await expect(late.transact(account_id, settleCommand('7', 1))).rejects.toMatchObject({ code: 'hold_closed' });
    await expectAllEnded(database, account_id, 100);
  });

  test('ten years of a plan with rollover: each month is booked, in slices, whoever comes first', async () => {
    const account_id = freshAccountId();
    const free = { ...planOf(catalog, 'free'), rollover: { cap: 250, share_percent: 50, expires_after_months: 6 } };
    const rolling = { ...catalog, plans: catalog.plans.map((plan) => (plan.id === 'free' ? free : plan)) };
    await newAccounts(database, { catalog: rolling }).transact(account_id, rollCommand());
    const later = { catalog: rolling, clock: () => Date.parse('2036-11-23T10:00:00.000Z') };
    const unstored = await newAccounts(database, later).read(account_id);
    const processes = [newAccounts(database, later), newAccounts(database, later)];
    await Promise.all(processes.map((accounts) => accounts.transact(account_id, rollCommand())));
    const { account, entries } = await soundAccount(database, account_id);
    expect(entries.filter(({ transaction_type }) => transaction_type === 'reset')).toHaveLength(121);
    expect(entries.toSorted((a, b) => a.created_at - b.created_at)).toEqual(entries);
    expect({ ...account, version: 0, updated_at: 0 }).toEqual({ ...unstored.account, version: 0, updated_at: 0 });
  });
});

describeOnEngines('a process killed while it catches up', (database) => {
  // Each of the slices, which come after the read of the account.
  test.each([1, 2, 3])('after call %i: the next one continues from there', async (call) => {
    const account_id = await crowdedAccount(database);
    const death = new Error('killed');
    const dying = faultyDatabase(database, (n) => {
      if (n < call) return null;
      return n > call ? { before: death } : { after: death };
    });
    const dead = newAccounts(dying, after).transact(account_id, deductCommand('next', 10));
    await expect(dead).rejects.toThrow(death);
    await soundAccount(database, account_id);
    const { entry } = await newAccounts(database, after).transact(account_id, deductCommand('next', 10));
    expect(entry).toMatchObject({ balance_after: 90 });
    await expectAllEnded(database, account_id, 90);
    expect((await ledgerOf(database, account_id)).filter(({ entry_id }) => entry_id === 'use:next')).toHaveLength(1);
  });
});
