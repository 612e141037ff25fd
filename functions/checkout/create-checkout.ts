import { billing_routes } from '../../shared/api/billing-routes.ts';
import { Problem } from '../../shared/api/problem.ts';
import { serve } from '../../shared/api/serve.ts';
import { isLive } from '../../shared/domain/account/subscription.ts';
import { decideCustomer } from '../../shared/domain/billing/decide-customer.ts';
import type { Bought } from '../../shared/stripe/gateway.ts';
import type * as z from '../../shared/zod.ts';
import { answerOnce } from './answer-once.ts';
import { urlInApp } from './app-url.ts';
import type { CheckoutDeps } from './deps.ts';
import { packForSale, planForSale } from './for-sale.ts';

/** POST /api/billing/checkout */
export const createCheckout = (deps: CheckoutDeps) =>
  serve(billing_routes.checkout, (request) =>
    answerOnce(deps, billing_routes.checkout, request, async () => {
      const { success_path, cancel_path } = request.body;
      const bought = toBought(deps, request.body);
      const success_url = urlInApp(deps.app_url, success_path, 'success_path');
      const cancel_url = urlInApp(deps.app_url, cancel_path, 'cancel_path');
      const stripe_customer_id = await customerOf(deps, request.account_id, bought);
      return deps.stripe.createCheckoutSession(request, { stripe_customer_id, bought, success_url, cancel_url });
    }),
  );

function toBought({ config }: CheckoutDeps, body: z.output<typeof billing_routes.checkout.body>): Bought {
  return 'pack' in body ? packForSale(config, body.pack, body.quantity) : planForSale(config, body.plan, body.interval);
}

/**
 * The account's customer, made and remembered before anything is sold, so that every event finds
 * its account. Throws `already_subscribed` if a second plan would be bought.
 */
async function customerOf({ accounts, stripe }: CheckoutDeps, account_id: string, bought: Bought): Promise<string> {
  const { account } = await accounts.read(account_id);
  if (bought.kind === 'plan' && account.subscription !== null && isLive(account.subscription)) {
    throw new Problem('already_subscribed', 'Change or cancel the plan in the customer portal.');
  }
  if (account.stripe_customer_id !== null) return account.stripe_customer_id;
  const created = await stripe.ensureCustomer(account_id, account.former_customers);
  const outcome = await accounts.transact(account_id, {
    entry_id: null,
    fingerprint: null,
    decide: decideCustomer(created),
  });
  return outcome.account.stripe_customer_id ?? created;
}
