import { compose } from '../../functions/composition.ts';
import { openBareAccount } from '../bare-account.ts';
import { checkDeductions } from '../check-deductions.ts';
import { type Contention, startContender } from '../contender.ts';
import { openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { rateOf, rounds } from '../rounds.ts';

const processes = 8;
const contended_ms = 1_000;
const bare_ms = 300;
/** Few, because after each every process still waits for its last answer. */
const rounds_measured = 3;

/**
 * Processes that know nothing of each other spend from one account: tries per commit, and commits.
 */
export async function measureContention(): Promise<Figure[]> {
  const deps = compose('accounts', 'ledger');
  const { accounts, database } = deps;
  const contested = await openAccount(accounts);
  const bare = await openBareAccount(deps);
  const contenders = await Promise.all(Array.from({ length: processes }, () => startContender(contested.account_id)));

  let deducted = 0;
  const results = await rounds(async () => {
    const bare_rate = await rateOf(1, bare_ms, () => bare.deduct());
    const done = await Promise.all(contenders.map((contender) => contender.deductFor(contended_ms)));
    const commits = sumOf(done, 'commits');
    deducted += commits;
    const rate = (1000 * sumOf(done, 'commits_in_time')) / contended_ms;
    const fewest = Math.min(...done.map(({ commits_in_time }) => commits_in_time));
    return {
      tries: sumOf(done, 'transactions') / commits,
      share: rate / bare_rate,
      fairness: (fewest * processes) / Math.max(1, sumOf(done, 'commits_in_time')),
    };
  }, rounds_measured);
  await Promise.all(contenders.map((contender) => contender.stop()));
  await checkDeductions(database, contested, deducted);
  const tries = results.map((result) => result.tries);
  const shares = results.map((result) => result.share);
  return [
    figure('contention_tries', tries, { at_most: 3 }),
    figure('contention', shares, { at_least: 0.4 }),
    figure(
      'contention_fairness',
      results.map(({ fairness }) => fairness),
    ),
  ];
}

function sumOf(contentions: readonly Contention[], count: keyof Contention): number {
  return contentions.reduce((sum, contention) => sum + contention[count], 0);
}
