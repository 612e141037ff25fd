/**
 * The lists that reconciliation reads from Stripe: all subscriptions, and the other objects since a
 * moment.
 */
export const stripe_lists = ['events', 'subscriptions', 'checkout_sessions', 'refunds', 'disputes'] as const;
export type StripeList = (typeof stripe_lists)[number];
