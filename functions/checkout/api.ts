import { apiFunction } from '../../shared/api/serve.ts';
import { createCheckout } from './create-checkout.ts';
import { createPortal } from './create-portal.ts';
import type { CheckoutDeps } from './deps.ts';
import { getSubscription } from './get-subscription.ts';
import { listPlans } from './list-plans.ts';

/** The function that serves plans, checkout, portal and subscription, over the given dependencies. */
export function checkoutApi(deps: CheckoutDeps) {
  const served = [listPlans, createCheckout, createPortal, getSubscription];
  return apiFunction(
    'checkout',
    served.map((route) => route(deps)),
    deps,
  );
}
