import { billing_routes } from '../../shared/api/billing-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import type { BillingConfig } from '../../shared/config/billing-config.ts';
import { packPrices, planPrices } from '../../shared/config/prices.ts';
import type * as z from '../../shared/zod.ts';
import type { CheckoutDeps } from './deps.ts';

/** GET /api/billing/plans */
export const listPlans = ({ config }: CheckoutDeps) => {
  const body = plansAnswer(config);
  return serve(billing_routes.plans, async () => ({ body }));
};

/** What the configuration sells. Stripe is not asked. */
export function plansAnswer(config: BillingConfig): z.input<typeof billing_routes.plans.answer> {
  const { currency } = config;
  const prices = planPrices(config);
  return {
    plans: Object.entries(config.plans).map(([id, { name, monthly_credits, features }]) => ({
      id,
      name,
      monthly_credits: monthly_credits === 'unlimited' ? null : monthly_credits,
      features,
      prices: prices.filter(({ plan }) => plan === id).map(({ interval, amount }) => ({ interval, amount, currency })),
    })),
    packs: packPrices(config).map(({ pack, credits, amount }) => ({
      id: pack,
      name: config.packs[pack]?.name ?? pack,
      credits,
      amount,
      currency,
    })),
  };
}
