import { billing_routes } from '../../shared/api/billing-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { type Account, planInEffect, statusOf } from '../../shared/domain/account/account.ts';
import { hasEnded } from '../../shared/domain/account/subscription.ts';
import type { Catalog } from '../../shared/domain/plan.ts';
import { toIso } from '../../shared/domain/units.ts';
import type * as z from '../../shared/zod.ts';
import type { CheckoutDeps } from './deps.ts';

/** GET /api/billing/subscription */
export const getSubscription = ({ accounts, catalog }: CheckoutDeps) =>
  serve(billing_routes.subscription, async ({ account_id }) => {
    const { account } = await accounts.read(account_id);
    return { body: subscriptionAnswer(account, catalog) };
  });

/**
 * The plan in effect, and the subscription behind it. An ended subscription keeps its id and
 * status, and has no period.
 */
export function subscriptionAnswer(
  account: Account,
  catalog: Catalog,
): z.input<typeof billing_routes.subscription.answer> {
  const { account_id, subscription, stripe_customer_id } = account;
  const running = subscription === null || hasEnded(subscription) ? null : subscription;
  return {
    account_id,
    plan: planInEffect(account, catalog).id,
    status: statusOf(account),
    interval: running?.interval ?? null,
    current_period_end: running === null ? null : toIso(running.current_period_end),
    cancel_at_period_end: running?.cancel_at_period_end ?? false,
    stripe_customer_id,
    stripe_subscription_id: subscription?.stripe_subscription_id ?? null,
  };
}
