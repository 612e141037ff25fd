import type { Instant } from '../shared/domain/units.ts';
import { readEnvironment, readOptional } from '../shared/environment.ts';
import { openStripeGateway, type StripeGateway } from '../shared/stripe/gateway.ts';
import { secretReader } from '../shared/stripe/secret.ts';
import type { StripeAccess } from '../shared/stripe/stripe-client.ts';

/** What functions that talk to Stripe need beyond the others. */
export interface StripeDeps {
  readonly stripe: StripeGateway;
  /** Production takes live keys and live events, and only those; other stages take test ones. */
  readonly is_production: boolean;
}

/** Access to this stage's Stripe account. The key is read on first use. */
export function stripeAccess(clock: () => Instant): StripeAccess {
  const { stage, stripe_api_key_secret_arn } = readEnvironment('stage', 'stripe_api_key_secret_arn');
  return {
    read_api_key: secretReader(stripe_api_key_secret_arn, clock),
    api_url: readOptional('stripe_api_url'),
    is_production: stage === 'production',
  };
}

/** The gateway to this stage's Stripe account. */
export function composeStripe({ clock }: { clock: () => Instant }): StripeDeps {
  const access = stripeAccess(clock);
  return { stripe: openStripeGateway(access, clock), is_production: access.is_production };
}
