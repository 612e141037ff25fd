import * as z from 'zod';
import type { PlanPrice } from '../config/prices.ts';
import type { Instant } from '../domain/units.ts';
import { type Quarantined, quarantined, type SubscriptionCommand } from './stripe-command.ts';
import { account_metadata, reference, seconds } from './stripe-fields.ts';

const item_fields = z.object({
  price: z.object({ lookup_key: z.string().nullish() }),
  current_period_end: seconds.optional(),
});

/** The fields that are read, of this API version or an older one. All others are of no account here. */
const subscription_fields = z.object({
  id: z.string(),
  customer: reference,
  status: z.string(),
  billing_cycle_anchor: seconds,
  cancel_at: z.int().nullish(),
  cancel_at_period_end: z.boolean(),
  items: z.object({ data: z.array(item_fields) }),
  /** Until API 2025-03-31 the period was the subscription's; now it is each item's. */
  current_period_end: seconds.optional(),
  metadata: account_metadata,
});

/**
 * What a Stripe subscription says of itself, as of `snapshot_at`. Its plan is that of the item whose price is in the configuration;
 * items with other prices are add-ons of the seller. Quarantined: `unreadable`, `unknown_price`, `several_plans`.
 */
export function fromStripeSubscription(
  subscription: unknown,
  { prices, snapshot_at }: { prices: readonly PlanPrice[]; snapshot_at: Instant },
): SubscriptionCommand | Quarantined {
  const parsed = subscription_fields.safeParse(subscription);
  if (!parsed.success) return quarantined('unreadable');
  const { items, ...fields } = parsed.data;
  const [sold, ...others] = items.data.flatMap((item) => {
    const price = prices.find(({ lookup_key }) => lookup_key === item.price.lookup_key);
    return price === undefined ? [] : [{ price, current_period_end: item.current_period_end }];
  });
  if (sold === undefined) return quarantined('unknown_price');
  if (others.some(({ price }) => price.plan !== sold.price.plan)) return quarantined('several_plans');
  const current_period_end = sold.current_period_end ?? fields.current_period_end;
  if (current_period_end === undefined) return quarantined('unreadable');
  const { plan, interval } = sold.price;
  return {
    kind: 'subscription',
    subject: { stripe_customer_id: fields.customer, account_id: fields.metadata },
    snapshot: {
      stripe_subscription_id: fields.id,
      plan,
      interval,
      status: fields.status,
      billing_cycle_anchor: fields.billing_cycle_anchor,
      current_period_end,
      cancel_at_period_end: fields.cancel_at_period_end || typeof fields.cancel_at === 'number',
      snapshot_at,
    },
  };
}
