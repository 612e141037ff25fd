import type { Account } from './account.ts';
import type { Decision } from './decision.ts';
import { withAccount } from './draft.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import type { Instant } from './units.ts';

/** Remembers the account's Stripe customer, so that every event finds its account. The first one stays. */
export function decideCustomer(account: Account, stripe_customer_id: string, catalog: Catalog, now: Instant): Decision {
  const draft = rollForward(account, catalog, now);
  return { draft: withAccount(draft, { stripe_customer_id: draft.account.stripe_customer_id ?? stripe_customer_id }) };
}
