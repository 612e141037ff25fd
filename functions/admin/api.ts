import { apiFunction } from '../../shared/api/serve.ts';
import type { AdminDeps } from './deps.ts';
import { getLatestReconciliation } from './get-reconciliation.ts';
import { listStripeEvents } from './list-stripe-events.ts';
import { replayStripeEvent } from './replay-stripe-event.ts';
import { startReconciliation } from './start-reconciliation.ts';

/** The function that serves operators, over the given dependencies. */
export function adminApi(deps: AdminDeps) {
  const served = [listStripeEvents, replayStripeEvent, startReconciliation, getLatestReconciliation];
  return apiFunction(
    'admin',
    served.map((route) => route(deps)),
    deps,
  );
}
