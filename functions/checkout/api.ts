import { apiFunction } from '../../shared/api/serve.ts';
import type { Milliseconds } from '../../shared/domain/units.ts';
import type { StripeParts } from '../compose-stripe.ts';
import type { Parts } from '../composition.ts';
import { createCheckout } from './create-checkout.ts';
import { createPortal } from './create-portal.ts';
import { getSubscription } from './get-subscription.ts';
import { listPlans } from './list-plans.ts';

export interface CheckoutParts extends Parts, StripeParts {
  /** The app to which customers come back. */
  readonly app_url: string;
  /** How long a request waits for Stripe. Default: `stripe_patience_ms`. */
  readonly patience_ms?: Milliseconds;
}

/** The function that serves plans, checkout, portal and subscription, over the given parts. */
export function checkoutApi(parts: CheckoutParts) {
  const served = [listPlans, createCheckout, createPortal, getSubscription];
  return apiFunction(
    'checkout',
    served.map((route) => route(parts)),
    parts,
  );
}
