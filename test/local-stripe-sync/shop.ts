import { type BillingConfig, type BillingConfigInput, defineBilling } from '../../shared/config/billing-config.ts';

export const webhook_url = 'https://billing.example.com/api/webhooks/stripe';

const input = {
  app_url: 'https://app.example.com',
  currency: 'usd',
  free_plan: 'free',
  plans: {
    free: { name: 'Free', monthly_credits: 100, features: [] },
    pro: { name: 'Pro', monthly_credits: 1_000, features: [], prices: { month: 2_900, year: 29_000 } },
    ultimate: { name: 'Ultimate', monthly_credits: 'unlimited', features: ['*'], prices: { month: 29_900 } },
  },
  packs: { small: { name: '500 credits', credits: 500, amount: 1_500 } },
} satisfies BillingConfigInput;

/** A small configuration, with these prices of the plan `pro`. */
export function shop(pro: { month?: number; year?: number } = input.plans.pro.prices, name = 'Pro'): BillingConfig {
  return defineBilling({
    ...input,
    plans: { ...input.plans, pro: { ...input.plans.pro, name, prices: pro } },
  });
}
