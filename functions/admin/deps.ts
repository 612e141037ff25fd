import type { StripeEventDeps } from '../../shared/stripe/apply-stripe-event.ts';
import type { Deps } from '../composition.ts';
import type { ReconciliationQueue } from '../reconciliation-queue.ts';

export interface AdminDeps extends Deps, StripeEventDeps {
  readonly reconciliations: ReconciliationQueue;
}
