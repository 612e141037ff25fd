import { type Account, planInEffect } from '../account/account.ts';
import { type FeatureOverride, isInEffect } from '../account/feature-override.ts';
import { isInForce } from '../account/subscription.ts';
import { type Catalog, type Plan, type PlanId, planHasFeature, planOf, plansWithFeature } from '../plan.ts';
import type { Instant } from '../units.ts';

/**
 * The plan whose features the account has: the plan in effect, or the free plan if the paid time
 * ended longer ago than the grace for past-due subscriptions.
 */
export function featurePlan(account: Account, catalog: Catalog, now: Instant): Plan {
  const { subscription } = account;
  const lapsed =
    subscription !== null &&
    isInForce(subscription) &&
    now >= subscription.paid.through + catalog.policies.past_due_grace_ms;
  return lapsed ? planOf(catalog, catalog.free_plan) : planInEffect(account, catalog);
}

/** Whether the account has the feature, by an override, else by its plan. */
export function hasFeature(account: Account, catalog: Catalog, feature: string, now: Instant): boolean {
  const override = overrideOf(account, feature, now);
  return override?.allowed ?? planHasFeature(featurePlan(account, catalog, now), feature);
}

/** The plans that would open the feature. None if an override denies it to the account. */
export function requiredPlans(account: Account, catalog: Catalog, feature: string, now: Instant): PlanId[] {
  return overrideOf(account, feature, now)?.allowed === false ? [] : plansWithFeature(catalog, feature);
}

/** The features of an account. */
export interface Features {
  /** Whether the account has every feature, also those that no plan names. */
  readonly all: boolean;
  /** The account's features among those that a plan or an override names. */
  readonly features: readonly string[];
}

export function featuresOf(account: Account, catalog: Catalog, now: Instant): Features {
  const overrides = account.overrides.filter((override) => isInEffect(override, now));
  const names = new Set([
    ...catalog.plans.flatMap(({ features }) => features),
    ...overrides.map(({ feature }) => feature),
  ]);
  names.delete('*');
  return {
    all: planHasFeature(featurePlan(account, catalog, now), '*') && overrides.every(({ allowed }) => allowed),
    features: [...names].filter((feature) => hasFeature(account, catalog, feature, now)),
  };
}

function overrideOf({ overrides }: Account, feature: string, now: Instant): FeatureOverride | undefined {
  return overrides.find((override) => override.feature === feature && isInEffect(override, now));
}
