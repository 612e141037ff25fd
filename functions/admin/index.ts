import { planPrices } from '../../shared/config/prices.ts';
import { readEnvironment } from '../../shared/environment.ts';
import { composeStripe } from '../compose-stripe.ts';
import { compose } from '../composition.ts';
import { openReconciliationQueue } from '../reconciliation-queue.ts';
import { adminApi } from './api.ts';

const deps = compose('accounts', 'account_parts', 'ledger', 'stripe_events', 'requests');

export const handler = adminApi({
  ...deps,
  ...composeStripe(deps),
  prices: planPrices(deps.config),
  reconciliations: openReconciliationQueue(readEnvironment('reconciliation_queue_url').reconciliation_queue_url),
});
