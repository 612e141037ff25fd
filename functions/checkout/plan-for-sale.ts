import { Problem } from '../../shared/api/problem.ts';
import type { BillingConfig } from '../../shared/config/billing-config.ts';
import { type PlanPrice, planPrices } from '../../shared/config/prices.ts';
import type { Interval } from '../../shared/domain/plan.ts';

/** The price at which the plan is sold. Throws `unknown_plan`, or `plan_not_for_sale` when it has no price by this interval. */
export function planForSale(config: BillingConfig, plan: string, interval: Interval): PlanPrice {
  if (!Object.hasOwn(config.plans, plan)) {
    throw new Problem('unknown_plan', `Plans are ${Object.keys(config.plans).join(', ')}.`);
  }
  const price = planPrices(config).find((candidate) => candidate.plan === plan && candidate.interval === interval);
  if (price === undefined) throw new Problem('plan_not_for_sale', `The plan has no price by the ${interval}.`);
  return price;
}
