import type { StripeEventParts } from '../../shared/stripe/apply-stripe-event.ts';
import type { Parts } from '../composition.ts';
import type { ReconciliationQueue } from '../reconciliation-queue.ts';

export interface AdminParts extends Parts, StripeEventParts {
  readonly reconciliations: ReconciliationQueue;
}
