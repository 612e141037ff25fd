import { compose } from '../../functions/composition.ts';
import { openBareAccount } from '../bare-account.ts';
import { checkDeductions } from '../check-deductions.ts';
import { deductOne, openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { rateOf, rounds } from '../rounds.ts';

const callers = 32;
const time_ms = 300;

/**
 * Many callers in one process spend from one account, against a loop that sends the same
 * transactions one by one.
 */
export async function measureHotAccount(): Promise<Figure[]> {
  const deps = compose('accounts', 'ledger');
  const { accounts, database } = deps;
  const hot = await openAccount(accounts);
  const bare = await openBareAccount(deps);

  let deducted = 0;
  const ratios = await rounds(async () => {
    const bare_rate = await rateOf(1, time_ms, () => bare.deduct());
    const rate = await rateOf(callers, time_ms, async () => {
      await accounts.transact(hot.account_id, deductOne());
      deducted += 1;
    });
    return rate / bare_rate;
  });
  await checkDeductions(database, hot, deducted);
  return [figure('hot_account', ratios, { at_least: 3 })];
}
