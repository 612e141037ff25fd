import { expect, test } from 'vitest';
import { day_ms } from '../../shared/domain/units.ts';
import { describeOnEngines, freshAccountId, newAccounts, test_now } from '../engines/engines.ts';
import { deductCommand } from './commands.ts';

const minute_ms = 60_000;

describeOnEngines('a retry', (database) => {
  test.each([
    ['10 minutes', 10 * minute_ms],
    ['25 hours', 25 * 60 * minute_ms],
    ['35 days, and a reset,', 35 * day_ms],
  ])('%s later, in another process, gets the answer from the first entry', async (_, later_ms) => {
    const account_id = freshAccountId();
    const first = await newAccounts(database).transact(account_id, deductCommand('a', 30));
    const later = newAccounts(database, { clock: () => test_now + later_ms });
    const again = await later.transact(account_id, deductCommand('a', 30));
    expect(again).toMatchObject({ replayed: true, entry: first.entry });
    const { entry } = await later.transact(account_id, deductCommand('b', 1));
    expect(entry?.balance_after).toBe(later_ms > 31 * day_ms ? 99 : 69);
  });
});
