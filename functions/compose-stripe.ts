import type { Instant } from '../shared/domain/units.ts';
import { readEnvironment, readOptional } from '../shared/environment.ts';
import { openStripeGateway, type StripeGateway } from '../shared/stripe/gateway.ts';
import { secretReader } from '../shared/stripe/secret.ts';

/** What the functions that talk to Stripe have beyond the others. */
export interface StripeParts {
  readonly stripe: StripeGateway;
  /** Live keys and live events belong to production, and nothing else does. */
  readonly is_production: boolean;
}

/** Stripe's gateway as this stage has it. Its key is read when it is first needed. */
export function composeStripe({ clock }: { clock: () => Instant }): StripeParts {
  const { stage, stripe_api_key_secret_arn } = readEnvironment('stage', 'stripe_api_key_secret_arn');
  const is_production = stage === 'production';
  const read_api_key = secretReader(stripe_api_key_secret_arn, clock);
  const api_url = readOptional('stripe_api_url');
  return { stripe: openStripeGateway({ read_api_key, api_url, is_production }, clock), is_production };
}
