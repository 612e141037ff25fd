/** What reconciliation reads from Stripe. Subscriptions are all there are; of the others those that were made since. */
export const stripe_lists = ['events', 'subscriptions', 'checkout_sessions', 'refunds', 'disputes'] as const;
export type StripeList = (typeof stripe_lists)[number];
