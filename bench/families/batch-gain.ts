import { compose } from '../../functions/composition.ts';
import { openBareAccount } from '../bare-account.ts';
import { checkDeductions } from '../check-deductions.ts';
import { deductOne, openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { rateOf, rounds } from '../rounds.ts';

/** The most items that the batch route takes. */
const batch_size = 40;
const time_ms = 500;

/**
 * Deductions per second on one account, in batches against one after the other, both as the routes
 * make them. And the same for the SDK's bare transactions: what the engine lets a batch gain when
 * nothing is decided.
 */
export async function measureBatchGain(): Promise<Figure[]> {
  const deps = compose('accounts', 'ledger');
  const { accounts, database } = deps;
  const batched = await openAccount(accounts);
  const single = await openAccount(accounts);
  const [bare_batched, bare_single] = [await openBareAccount(deps), await openBareAccount(deps)];

  let deducted = 0;
  const deductBatch = async () => {
    const commands = Array.from({ length: batch_size }, () => deductOne());
    const outcomes = await accounts.transactAll(batched.account_id, commands);
    if (outcomes.some(({ status }) => status === 'rejected')) throw new Error('a deduction was refused');
    deducted += batch_size;
  };
  const gain = async (deductSingle: () => Promise<unknown>, deductAll: () => Promise<unknown>) => {
    const single_rate = await rateOf(1, time_ms, deductSingle);
    return (batch_size * (await rateOf(1, time_ms, deductAll))) / single_rate;
  };
  const results = await rounds(async () => ({
    ours: await gain(() => accounts.transact(single.account_id, deductOne()), deductBatch),
    bare: await gain(
      () => bare_single.deduct(),
      () => bare_batched.deduct(batch_size),
    ),
  }));
  await checkDeductions(database, batched, deducted);
  return [
    figure(
      'batch_gain',
      results.map(({ ours }) => ours),
      { at_least: 10 },
    ),
    figure(
      'batch_gain.bare',
      results.map(({ bare }) => bare),
    ),
  ];
}
