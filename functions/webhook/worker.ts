import { planPrices } from '../../shared/config/prices.ts';
import { composeStripe } from '../compose-stripe.ts';
import { compose } from '../composition.ts';
import { stripeEventWorker } from './event-worker.ts';

const parts = compose('accounts', 'account_parts', 'ledger', 'stripe_events');

export const handler = stripeEventWorker({ ...parts, ...composeStripe(parts), prices: planPrices(parts.config) });
