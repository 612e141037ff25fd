import { defineBilling } from '../shared/config/billing-config.ts';

/**
 * What the tests, the demo and the bench sell. Their names and numbers are those of this file, so
 * that `billing.config.ts` may say anything. They read it in its place because they run under the
 * import condition `billing-test` (package.json, `imports`).
 */
export default defineBilling({
  app_url: 'https://app.test.example',
  currency: 'usd',
  free_plan: 'free',

  plans: {
    free: {
      name: 'Free',
      monthly_credits: 100,
      features: ['basic_posts', 'analytics'],
    },
    pro: {
      name: 'Pro',
      monthly_credits: 1_000,
      features: ['basic_posts', 'analytics', 'advanced_workflows', 'scheduling'],
      prices: { month: 2_900, year: 29_000 },
    },
    pro_plus: {
      name: 'Pro Plus',
      monthly_credits: 5_000,
      features: ['basic_posts', 'analytics', 'advanced_workflows', 'scheduling', 'ads', 'priority_support'],
      prices: { month: 9_900, year: 99_000 },
    },
    ultimate: {
      name: 'Ultimate',
      monthly_credits: 'unlimited',
      features: ['*'],
      prices: { month: 29_900, year: 299_000 },
    },
  },

  packs: {
    small: { name: '500 credits', credits: 500, amount: 1_500 },
    large: { name: '5,000 credits', credits: 5_000, amount: 12_000 },
  },

  policies: {
    renewal_grace_days: 3,
    past_due_grace_days: 7,
  },
});
