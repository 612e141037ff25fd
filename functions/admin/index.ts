import { planPrices } from '../../shared/config/prices.ts';
import { readEnvironment } from '../../shared/environment.ts';
import { composeStripe } from '../compose-stripe.ts';
import { compose } from '../composition.ts';
import { openReconciliationQueue } from '../reconciliation-queue.ts';
import { adminApi } from './api.ts';

const parts = compose('accounts', 'account_parts', 'ledger', 'stripe_events', 'requests');

export const handler = adminApi({
  ...parts,
  ...composeStripe(parts),
  prices: planPrices(parts.config),
  reconciliations: openReconciliationQueue(readEnvironment('reconciliation_queue_url').reconciliation_queue_url),
});
