import { compose } from '../../functions/composition.ts';
import { checkDeductions } from '../check-deductions.ts';
import { deductOne, openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { rateOf, rounds } from '../rounds.ts';

/** The most that the batch route takes. */
const batch_size = 40;
const time_ms = 500;

/** Deductions per second on one account in batches against one after the other, both as the routes make them. */
export async function measureBatchGain(): Promise<Figure[]> {
  const { accounts, database, catalog } = compose('accounts', 'ledger');
  const batched = await openAccount(accounts, catalog);
  const single = await openAccount(accounts, catalog);

  let deducted = 0;
  const ratios = await rounds(async () => {
    const single_rate = await rateOf(1, time_ms, () => accounts.transact(single.account_id, deductOne(catalog)));
    const batch_rate = await rateOf(1, time_ms, async () => {
      const commands = Array.from({ length: batch_size }, () => deductOne(catalog));
      const outcomes = await accounts.transactAll(batched.account_id, commands);
      if (outcomes.some(({ status }) => status === 'rejected')) throw new Error('a deduction was refused');
      deducted += batch_size;
    });
    return (batch_size * batch_rate) / single_rate;
  });
  await checkDeductions(database, batched, deducted);
  return [figure('batch_gain', ratios, { at_least: 10 })];
}
