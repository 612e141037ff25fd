import { planPrices } from '../../shared/config/prices.ts';
import { composeStripe } from '../compose-stripe.ts';
import { compose } from '../composition.ts';
import { stripeEventWorker } from './event-worker.ts';

const deps = compose('accounts', 'account_parts', 'ledger', 'stripe_events');

export const handler = stripeEventWorker({ ...deps, ...composeStripe(deps), prices: planPrices(deps.config) });
