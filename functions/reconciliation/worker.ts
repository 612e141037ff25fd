import { planPrices } from '../../shared/config/prices.ts';
import { readEnvironment } from '../../shared/environment.ts';
import { openStripeLists, stripeRateLimit } from '../../shared/stripe/stripe-lists.ts';
import { stripeAccess } from '../compose-stripe.ts';
import { compose } from '../composition.ts';
import { openEventQueue } from '../event-queue.ts';
import { openReconciliationQueue } from '../reconciliation-queue.ts';
import { rateLimit } from './rate-limit.ts';
import { reconciliationWorker } from './reconciliation-worker.ts';

const urls = readEnvironment('reconciliation_queue_url', 'stripe_events_queue_url');
const deps = compose('accounts', 'account_parts', 'stripe_events');
const access = stripeAccess(deps.clock);
const { config, pace, clock } = deps;
const share = config.reconciliation.stripe_rate_share_percent / 100;

export const handler = reconciliationWorker(
  {
    ...deps,
    prices: planPrices(config),
    lists: openStripeLists(access),
    events: openEventQueue(urls.stripe_events_queue_url),
    is_production: access.is_production,
    next_call: rateLimit(stripeRateLimit(access.is_production) * share, { clock, wait: pace.wait }),
  },
  openReconciliationQueue(urls.reconciliation_queue_url),
);
