import { type Account, planInEffect } from './account.ts';
import { type Catalog, type Plan, planHasFeature, planOf } from './plan.ts';
import { isInForce } from './subscription.ts';
import type { Instant } from './units.ts';

/**
 * The plan whose features the account has: the one in effect, and the free one when the time that was paid for ended longer ago
 * than the grace for past-due subscriptions.
 */
export function featurePlan(account: Account, catalog: Catalog, now: Instant): Plan {
  const { subscription } = account;
  const lapsed =
    subscription !== null &&
    isInForce(subscription) &&
    now >= subscription.paid.through + catalog.policies.past_due_grace_ms;
  return lapsed ? planOf(catalog, catalog.free_plan) : planInEffect(account, catalog);
}

/** Whether the account has the feature. */
export function hasFeature(account: Account, catalog: Catalog, feature: string, now: Instant): boolean {
  return planHasFeature(featurePlan(account, catalog, now), feature);
}
