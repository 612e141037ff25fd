import type { Instant, Milliseconds } from '../domain/units.ts';
import { isManaged } from './managed.ts';
import type { AskStripe } from './stripe-client.ts';

/** The configuration is made once and then changed in place, so its id may be old. */
const kept_ms: Milliseconds = 5 * 60_000;

/**
 * The id of the portal configuration that `npm run stripe:sync` made. Undefined before that; then
 * sessions use the account's default. Stripe's API cannot make a configuration the default, so each
 * session names it.
 */
export function portalConfiguration(ask: AskStripe, clock: () => Instant): () => Promise<string | undefined> {
  let kept: { id: string | undefined; until: Instant } | null = null;

  return async () => {
    const now = clock();
    if (kept !== null && now < kept.until) return kept.id;
    const { data } = await ask('billingPortal.configurations.list', (stripe) =>
      stripe.billingPortal.configurations.list({ active: true, limit: 100 }),
    );
    const id = data.findLast(({ metadata }) => isManaged(metadata))?.id;
    kept = { id, until: now + kept_ms };
    return id;
  };
}
