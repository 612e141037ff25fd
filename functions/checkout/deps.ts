import type { Milliseconds } from '../../shared/domain/units.ts';
import type { StripeDeps } from '../compose-stripe.ts';
import type { Deps } from '../composition.ts';

export interface CheckoutDeps extends Deps, StripeDeps {
  /** The app to which customers come back. */
  readonly app_url: string;
  /** How long a request waits for Stripe. Default: `stripe_patience_ms`. */
  readonly patience_ms?: Milliseconds;
}
