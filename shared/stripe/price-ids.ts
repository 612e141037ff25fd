import type { Instant, Milliseconds } from '../domain/units.ts';
import { logger } from '../observability.ts';
import type { AskStripe } from './stripe-client.ts';
import { StripeUnavailable } from './stripe-unavailable.ts';

/**
 * How long a process keeps an id. A new price takes over its predecessor's lookup key, and a
 * process notices after this time.
 */
const kept_ms: Milliseconds = 5 * 60_000;

/**
 * Finds the ids of prices by their lookup keys. If Stripe has no such price it rejects with
 * `StripeUnavailable`, and the log says why.
 */
export function priceIds(ask: AskStripe, clock: () => Instant): (lookup_key: string) => Promise<string> {
  const kept = new Map<string, { id: string; until: Instant }>();

  return async (lookup_key) => {
    const now = clock();
    const known = kept.get(lookup_key);
    if (known !== undefined && now < known.until) return known.id;
    const { data } = await ask('prices.list', (stripe) =>
      stripe.prices.list({ lookup_keys: [lookup_key], active: true, limit: 1 }),
    );
    const [price] = data;
    if (price === undefined) {
      logger.error('stripe has no active price with this lookup key: run npm run stripe:sync', { lookup_key });
      throw new StripeUnavailable();
    }
    kept.set(lookup_key, { id: price.id, until: now + kept_ms });
    return price.id;
  };
}
