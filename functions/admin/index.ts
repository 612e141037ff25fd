import { planPrices } from '../../shared/config/prices.ts';
import { composeStripe } from '../compose-stripe.ts';
import { compose } from '../composition.ts';
import { adminApi } from './api.ts';

const parts = compose('accounts', 'account_parts', 'ledger', 'stripe_events');

export const handler = adminApi({ ...parts, ...composeStripe(parts), prices: planPrices(parts.config) });
