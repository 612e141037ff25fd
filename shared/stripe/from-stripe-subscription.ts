import type { PlanPrice } from '../config/prices.ts';
import { hasEnded, type PricedItem } from '../domain/account/subscription.ts';
import { type Catalog, intervals } from '../domain/plan.ts';
import type { Instant } from '../domain/units.ts';
import * as z from '../zod.ts';
import { type Quarantined, quarantined, type SubscriptionCommand } from './stripe-command.ts';
import { account_metadata, reference, seconds } from './stripe-fields.ts';

const price_fields = z.object({
  id: z.optional(z.string()),
  lookup_key: z.nullish(z.string()),
  metadata: z.catch(z.nullable(z.object({ plan: z.string() })), null),
  recurring: z.catch(z.nullable(z.object({ interval: z.enum(intervals) })), null),
});

const item_fields = z.object({
  id: z.optional(z.string()),
  price: price_fields,
  current_period_end: z.optional(seconds),
});

/** The fields that are read, of this API version or an older one. All others are ignored. */
const subscription_fields = z.object({
  id: z.string(),
  customer: reference,
  status: z.string(),
  billing_cycle_anchor: seconds,
  cancel_at: z.nullish(z.int()),
  cancel_at_period_end: z.boolean(),
  items: z.object({ data: z.array(item_fields) }),
  /** Until API 2025-03-31 the period was a field of the subscription. Now each item has one. */
  current_period_end: z.optional(seconds),
  metadata: account_metadata,
});

/** What you sell, and what you still honour. */
export interface Offer {
  readonly prices: readonly PlanPrice[];
  readonly catalog: Pick<Catalog, 'plans' | 'free_plan'>;
}

/**
 * A Stripe subscription's snapshot, as of `snapshot_at`. Its plan is that of the item whose price
 * belongs to a plan of the configuration; items with other prices are the seller's add-ons. An
 * ended subscription needs no plan: its end counts, whatever became of its price. Quarantined:
 * `unreadable`, `unknown_price`, `several_plans`.
 */
export function fromStripeSubscription(
  subscription: unknown,
  { prices, catalog, snapshot_at }: Offer & { snapshot_at: Instant },
): SubscriptionCommand | Quarantined {
  const parsed = subscription_fields.safeParse(subscription);
  if (!parsed.success) return quarantined('unreadable');
  const { items, ...fields } = parsed.data;
  const [sold, ...others] = items.data.flatMap(({ id, price, current_period_end }) => {
    const plan = planOf(price, { prices, catalog });
    return plan === undefined ? [] : [{ ...plan, current_period_end, stripe_item_id: id, stripe_price_id: price.id }];
  });
  const current_period_end = sold?.current_period_end ?? fields.current_period_end;
  const snapshot = {
    stripe_subscription_id: fields.id,
    plan: sold?.plan ?? catalog.free_plan,
    interval: sold?.interval ?? 'month',
    status: fields.status,
    billing_cycle_anchor: fields.billing_cycle_anchor,
    current_period_end: current_period_end ?? snapshot_at,
    cancel_at_period_end: fields.cancel_at_period_end || typeof fields.cancel_at === 'number',
    snapshot_at,
    ...itemOf(sold),
  };
  if (!hasEnded(snapshot)) {
    if (sold === undefined) return quarantined('unknown_price');
    if (others.some(({ plan }) => plan !== sold.plan)) return quarantined('several_plans');
    if (current_period_end === undefined) return quarantined('unreadable');
  }
  return {
    kind: 'subscription',
    subject: { stripe_customer_id: fields.customer, account_id: fields.metadata },
    snapshot,
    ...(sold === undefined && fields.metadata === null ? { is_foreign: true } : {}),
  };
}

/**
 * The plan of a price, by its lookup key. A replaced price has lost its key, and a price that is no
 * longer sold is not in the configuration. Their metadata name the plan, as long as it is honoured.
 */
function planOf(
  { lookup_key, metadata, recurring }: z.output<typeof price_fields>,
  { prices, catalog }: Offer,
): Pick<PlanPrice, 'plan' | 'interval'> | undefined {
  const price = prices.find((candidate) => candidate.lookup_key === lookup_key);
  if (price !== undefined) return { plan: price.plan, interval: price.interval };
  const plan = catalog.plans.find(({ id }) => id === metadata?.plan);
  return plan === undefined || recurring === null ? undefined : { plan: plan.id, interval: recurring.interval };
}

function itemOf({ stripe_item_id, stripe_price_id }: { readonly [Id in keyof PricedItem]?: string | undefined } = {}): {
  item?: PricedItem;
} {
  return stripe_item_id === undefined || stripe_price_id === undefined
    ? {}
    : { item: { stripe_item_id, stripe_price_id } };
}
