import type { Instant } from '../domain/units.ts';
import { kept } from '../kept.ts';
import { isManaged } from './managed.ts';
import type { AskStripe } from './stripe-client.ts';

/**
 * The id of the portal configuration that `npm run stripe:sync` made. Undefined before that; then
 * sessions use the account's default. Stripe's API cannot make a configuration the default, so each
 * session names it.
 */
export function portalConfiguration(ask: AskStripe, clock: () => Instant): () => Promise<string | undefined> {
  // The configuration is made once and then changed in place, so its id may be old.
  const idOf = kept(
    async () => {
      const { data } = await ask('billingPortal.configurations.list', (stripe) =>
        stripe.billingPortal.configurations.list({ active: true, limit: 100 }),
      );
      return data.findLast(({ metadata }) => isManaged(metadata))?.id;
    },
    { clock },
  );
  return () => idOf('');
}
