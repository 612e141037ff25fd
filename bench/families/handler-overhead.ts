import { randomUUID } from 'node:crypto';
import { compose } from '../../functions/composition.ts';
import { creditsApi } from '../../functions/credits/api.ts';
import { openBareAccount } from '../bare-account.ts';
import { deductEvent, lambdaContext } from '../deduct-event.ts';
import { openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { rounds, timeRatio } from '../rounds.ts';

const time_ms = 800;

/** The deduct route's whole handler, on a warm account, against its transaction alone. */
export async function measureHandlerOverhead(): Promise<Figure[]> {
  const deps = compose('accounts', 'ledger', 'usage');
  const { accounts } = deps;
  const handler = creditsApi(deps);
  const { account_id } = await openAccount(accounts);
  const bare = await openBareAccount(deps);

  const handle = async () => {
    const answer = await handler(deductEvent(account_id, randomUUID()), lambdaContext());
    if (answer.statusCode !== 200) throw new Error(`the handler answered ${answer.statusCode}: ${answer.body}`);
  };
  const ratios = await rounds(() => timeRatio(time_ms, handle, () => bare.deduct()));
  return [figure('handler_overhead', ratios, { at_most: 1.15 })];
}
