import type { Instant } from '../domain/units.ts';
import { kept } from '../kept.ts';
import { logger } from '../observability.ts';
import type { AskStripe } from './stripe-client.ts';
import { StripeUnavailable } from './stripe-unavailable.ts';

/**
 * Finds the ids of prices by their lookup keys. A new price takes over its predecessor's lookup
 * key, and a process notices within minutes. If Stripe has no such price it rejects with
 * `StripeUnavailable`, and the log says why.
 */
export function priceIds(ask: AskStripe, clock: () => Instant): (lookup_key: string) => Promise<string> {
  return kept(
    async (lookup_key) => {
      const { data } = await ask('prices.list', (stripe) =>
        stripe.prices.list({ lookup_keys: [lookup_key], active: true, limit: 1 }),
      );
      const [price] = data;
      if (price !== undefined) return price.id;
      logger.error('stripe has no active price with this lookup key: run npm run stripe:sync', { lookup_key });
      throw new StripeUnavailable();
    },
    { clock },
  );
}
