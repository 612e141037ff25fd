import type { Milliseconds } from '../../shared/domain/units.ts';
import type { StripeParts } from '../compose-stripe.ts';
import type { Parts } from '../composition.ts';

export interface CheckoutParts extends Parts, StripeParts {
  /** The app to which customers come back. */
  readonly app_url: string;
  /** How long a request waits for Stripe. Default: `stripe_patience_ms`. */
  readonly patience_ms?: Milliseconds;
}
