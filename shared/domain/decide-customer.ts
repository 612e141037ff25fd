import { type Account, customerOf } from './account.ts';
import type { Decision } from './decision.ts';
import { withAccount } from './draft.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import type { Instant } from './units.ts';

/** Remembers the account's Stripe customer. */
export function decideCustomer(account: Account, stripe_customer_id: string, catalog: Catalog, now: Instant): Decision {
  const draft = rollForward(account, catalog, now);
  return { draft: withAccount(draft, { stripe_customer_id: customerOf(draft.account, stripe_customer_id) }) };
}

/** The customer was deleted at Stripe: the next checkout makes another. What it had bought stays. */
export function decideCustomerDeleted(
  account: Account,
  stripe_customer_id: string,
  catalog: Catalog,
  now: Instant,
): Decision {
  const draft = rollForward(account, catalog, now);
  const { former_customers } = draft.account;
  if (former_customers.includes(stripe_customer_id)) return { draft };
  return {
    draft: withAccount(draft, {
      stripe_customer_id: null,
      former_customers: [...former_customers, stripe_customer_id],
    }),
  };
}
