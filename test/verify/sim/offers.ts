import { defineBilling } from '../../../shared/config/billing-config.ts';
import billing_config from '../../billing.config.ts';

/** What the project sells, to users. */
const to_users = billing_config;

/** The same plans, sold to organisations, and each hands on what is left in a way of its own. */
const to_organisations = defineBilling({
  app_url: 'https://app.example.com',
  currency: 'usd',
  free_plan: 'free',
  plans: {
    free: {
      name: 'Free',
      monthly_credits: 100,
      features: ['basic_posts', 'analytics'],
      rollover: { cap: 60, expires_after_months: 1 },
    },
    pro: {
      name: 'Pro',
      monthly_credits: 1_000,
      features: ['basic_posts', 'analytics', 'advanced_workflows', 'scheduling'],
      prices: { month: 2_900, year: 29_000 },
      rollover: { cap: 700, share_percent: 50, expires_after_months: 2 },
    },
    pro_plus: {
      name: 'Pro Plus',
      monthly_credits: 5_000,
      features: ['basic_posts', 'analytics', 'advanced_workflows', 'scheduling', 'ads'],
      prices: { month: 9_900, year: 99_000 },
      rollover: { share_percent: 33, expires_after_months: 3 },
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
  accounts: { claim: 'org_id' },
  spending: { by_users: true },
});

/** What may be sold in a run. The plans and packs have the same names in all of them. */
export const offers = [to_users, to_organisations] as const;

/** Features that somebody may ask for; no plan names the last. */
export const features = ['analytics', 'scheduling', 'ads', 'exports'] as const;
