import { customerOf } from '../account/account.ts';
import { withAccount } from '../account/draft.ts';
import type { Decide } from '../time/decision.ts';
import { withSubscriptionEnded } from './decide-subscription.ts';

/** Remembers the account's Stripe customer. */
export const decideCustomer =
  (stripe_customer_id: string): Decide =>
  ({ draft }) => ({
    draft: withAccount(draft, { stripe_customer_id: customerOf(draft.account, stripe_customer_id) }),
  });

/**
 * The customer was deleted at Stripe; the next checkout makes another. What it had bought stays,
 * except its subscription: Stripe ends all subscriptions of a deleted customer, and when those
 * events come, nothing may lead from them to the account. An account's subscription belongs to its
 * present or an earlier customer, so without a customer it has none.
 */
export const decideCustomerDeleted =
  (stripe_customer_id: string): Decide =>
  (present) => {
    const { draft } = present;
    const { stripe_customer_id: own, former_customers } = draft.account;
    if (own !== null && own !== stripe_customer_id) return { draft };
    const is_known = former_customers.includes(stripe_customer_id);
    const former = is_known ? former_customers : [...former_customers, stripe_customer_id];
    const left = withAccount(draft, { stripe_customer_id: null, former_customers: former });
    return { draft: withSubscriptionEnded({ ...present, draft: left }) };
  };
