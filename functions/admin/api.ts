import { apiFunction } from '../../shared/api/serve.ts';
import type { StripeEventParts } from '../../shared/stripe/apply-stripe-event.ts';
import type { Parts } from '../composition.ts';
import type { ReconciliationQueue } from '../reconciliation-queue.ts';
import { getLatestReconciliation } from './get-reconciliation.ts';
import { listStripeEvents } from './list-stripe-events.ts';
import { replayStripeEvent } from './replay-stripe-event.ts';
import { startReconciliation } from './start-reconciliation.ts';

export interface AdminParts extends Parts, StripeEventParts {
  readonly reconciliations: ReconciliationQueue;
}

/** The function that serves operators, over the given parts. */
export function adminApi(parts: AdminParts) {
  const served = [listStripeEvents, replayStripeEvent, startReconciliation, getLatestReconciliation];
  return apiFunction(
    'admin',
    served.map((route) => route(parts)),
    parts,
  );
}
