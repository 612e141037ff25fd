import { Problem, validationFailed } from '../../shared/api/problem.ts';
import type { BillingConfig } from '../../shared/config/billing-config.ts';
import { packPrices, planPrices } from '../../shared/config/prices.ts';
import type { Interval } from '../../shared/domain/plan.ts';
import { balance_max } from '../../shared/domain/units.ts';
import type { Bought } from '../../shared/stripe/gateway.ts';

/** The most that Stripe takes in one payment, in minor units. */
const payment_max = 99_999_999;

/**
 * The plan with its price. Throws `unknown_plan`, or `plan_not_for_sale` if the plan has no price
 * for this interval.
 */
export function planForSale(config: BillingConfig, plan: string, interval: Interval): Bought {
  if (!Object.hasOwn(config.plans, plan)) {
    throw new Problem('unknown_plan', `Plans are ${Object.keys(config.plans).join(', ')}.`);
  }
  const price = planPrices(config).find((candidate) => candidate.plan === plan && candidate.interval === interval);
  if (price === undefined)
    throw new Problem(
      'plan_not_for_sale',
      `The plan has no price by the ${interval}. GET /api/billing/plans lists what is for sale.`,
    );
  return { kind: 'plan', lookup_key: price.lookup_key };
}

/**
 * That many packs with their price. Throws `unknown_pack`, or `validation_failed` if the sum is
 * more than one payment can be.
 */
export function packForSale(config: BillingConfig, pack: string, quantity: number): Bought {
  const price = packPrices(config).find((candidate) => candidate.pack === pack);
  if (price === undefined) throw new Problem('unknown_pack', `Packs are ${Object.keys(config.packs).join(', ')}.`);
  const most = Math.floor(Math.min(payment_max / price.amount, balance_max / price.credits));
  if (quantity > most) {
    throw validationFailed({ path: 'body.quantity', message: `must be at most ${most}: buy the rest afterwards` });
  }
  const { lookup_key, credits } = price;
  return { kind: 'pack', lookup_key, pack, quantity, credits: credits * quantity };
}
