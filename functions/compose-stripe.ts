import type { Instant } from '../shared/domain/units.ts';
import { readEnvironment, readOptional } from '../shared/environment.ts';
import { openStripeGateway, type StripeGateway } from '../shared/stripe/gateway.ts';
import { secretReader } from '../shared/stripe/secret.ts';
import type { StripeAccess } from '../shared/stripe/stripe-client.ts';

/** What the functions that talk to Stripe have beyond the others. */
export interface StripeParts {
  readonly stripe: StripeGateway;
  /** Live keys and live events belong to production, and nothing else does. */
  readonly is_production: boolean;
}

/** Stripe as this stage reaches it. Its key is read when it is first needed. */
export function stripeAccess(clock: () => Instant): StripeAccess {
  const { stage, stripe_api_key_secret_arn } = readEnvironment('stage', 'stripe_api_key_secret_arn');
  return {
    read_api_key: secretReader(stripe_api_key_secret_arn, clock),
    api_url: readOptional('stripe_api_url'),
    is_production: stage === 'production',
  };
}

/** Stripe's gateway as this stage has it. */
export function composeStripe({ clock }: { clock: () => Instant }): StripeParts {
  const access = stripeAccess(clock);
  return { stripe: openStripeGateway(access, clock), is_production: access.is_production };
}
