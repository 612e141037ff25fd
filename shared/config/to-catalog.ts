import type { Catalog, Plan, RolloverPolicy } from '../domain/plan.ts';
import { day_ms } from '../domain/units.ts';
import type { BillingConfig } from './billing-config.ts';

/** The part of the configuration that decisions need. */
export function toCatalog(config: BillingConfig): Catalog {
  return {
    plans: Object.entries(config.plans).map(
      ([id, plan]): Plan => ({
        id,
        name: plan.name,
        monthly_credits: plan.monthly_credits === 'unlimited' ? null : plan.monthly_credits,
        features: plan.features,
        rollover: plan.rollover === undefined ? null : toRollover(plan.rollover),
      }),
    ),
    free_plan: config.free_plan,
    policies: {
      renewal_grace_ms: config.policies.renewal_grace_days * day_ms,
      past_due_grace_ms: config.policies.past_due_grace_days * day_ms,
    },
  };
}

function toRollover({
  cap,
  share_percent,
  ...expiry
}: NonNullable<BillingConfig['plans'][string]['rollover']>): RolloverPolicy {
  return { cap: cap ?? null, share_percent: share_percent ?? 100, ...expiry };
}
