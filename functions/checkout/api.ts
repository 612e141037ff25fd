import { apiFunction } from '../../shared/api/serve.ts';
import { createCheckout } from './create-checkout.ts';
import { createPortal } from './create-portal.ts';
import type { CheckoutParts } from './deps.ts';
import { getSubscription } from './get-subscription.ts';
import { listPlans } from './list-plans.ts';

/** The function that serves plans, checkout, portal and subscription, over the given parts. */
export function checkoutApi(parts: CheckoutParts) {
  const served = [listPlans, createCheckout, createPortal, getSubscription];
  return apiFunction(
    'checkout',
    served.map((route) => route(parts)),
    parts,
  );
}
