import { randomUUID } from 'node:crypto';
import { composeWith } from '../../functions/composition.ts';
import { creditsApi } from '../../functions/credits/api.ts';
import { clock } from '../../functions/process.ts';
import { openBareAccount } from '../bare-account.ts';
import { deductEvent, lambdaContext } from '../deduct-event.ts';
import { openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { rounds } from '../rounds.ts';
import { silentDatabase } from '../silent-database.ts';

const deductions = 2_000;
/**
 * How many calls a turn has. They take turns, so that both meet the machine's other work, and each
 * other's garbage.
 */
const turn = 50;

/**
 * CPU time of a deduction whose database answers at once: of the whole handler, of the SDK alone,
 * and the difference, which is our code.
 */
export async function measureCpu(): Promise<Figure[]> {
  const deps = composeWith({ database: silentDatabase(), clock });
  const handler = creditsApi(deps);
  const { account_id } = await openAccount(deps.accounts);
  const bare = await openBareAccount(deps);

  const handle = async () => {
    const answer = await handler(deductEvent(account_id, randomUUID()), lambdaContext());
    if (answer.statusCode !== 200) throw new Error(`the handler answered ${answer.statusCode}: ${answer.body}`);
  };
  const results = await rounds(async () => {
    const sum = { sdk: 0, whole: 0 };
    for (let done = 0; done < deductions; done += turn) {
      sum.sdk += await cpuMicrosecondsOf(turn, () => bare.deduct());
      sum.whole += await cpuMicrosecondsOf(turn, handle);
    }
    return { sdk: sum.sdk / deductions, whole: sum.whole / deductions };
  });
  return [
    figure(
      'cpu_us_per_deduct',
      results.map(({ whole, sdk }) => whole - sdk),
    ),
    figure(
      'cpu_us_per_deduct.handler',
      results.map(({ whole }) => whole),
    ),
    figure(
      'cpu_us_per_deduct.sdk',
      results.map(({ sdk }) => sdk),
    ),
    figure(
      'cpu_handler_to_sdk',
      results.map(({ whole, sdk }) => whole / sdk),
    ),
  ];
}

/** CPU time of all threads of this process for this many calls, one after the other. */
async function cpuMicrosecondsOf(calls: number, call: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  for (let nth = 0; nth < calls; nth += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
