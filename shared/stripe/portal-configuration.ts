import type { Instant, Milliseconds } from '../domain/units.ts';
import { isManaged } from './managed.ts';
import type { AskStripe } from './stripe-client.ts';

/** The configuration is made once and then changed in place. */
const kept_ms: Milliseconds = 5 * 60_000;

/**
 * The id of the portal configuration that `npm run stripe:sync` made; undefined before that, so that the account's default is in
 * use. Stripe's API cannot make a configuration the default: a session has to name it.
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
