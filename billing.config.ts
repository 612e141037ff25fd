import { defineBilling } from './shared/config/billing-config.ts';

/**
 * What you sell, and by which rules. Most teams edit no other file. `npm run dev` and the synthesis
 * of the stack check it; a mistake stops both, and the message names the field. Money is in minor
 * units (cents), credits are whole numbers.
 */
export default defineBilling({
  app_url: 'https://app.example.com',
  currency: 'usd',
  free_plan: 'free',

  // Cheapest first. Each plan lists all of its features; '*' is every feature, also future ones.
  // Unused allowance expires with its period, unless a plan says
  // `rollover: { cap: 500, expires_after_months: 2 }`.
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

  // Bought once. They never expire, and resets and plan changes leave them alone.
  packs: {
    small: { name: '500 credits', credits: 500, amount: 1_500 },
    large: { name: '5,000 credits', credits: 5_000, amount: 12_000 },
  },

  policies: {
    // How long the old period's credits stay usable while its renewal is unpaid.
    renewal_grace_days: 3,
    // How long a plan's features stay after the paid time.
    past_due_grace_days: 7,
  },
});
