import type Stripe from 'stripe';
import { periodLines } from '../objects/invoice-lines.ts';
import { createInvoice, finalizeInvoice, voidInvoice, writeOffInvoice } from '../objects/invoices.ts';
import { HOUR, nextBoundary } from '../objects/periods.ts';
import { planOf } from '../objects/plans.ts';
import { endSubscription, itemsOf, periodOf, recurringOf, updateSubscription } from '../objects/subscriptions.ts';
import type { World } from '../world.ts';

/** A renewal invoice can still be changed for about an hour before it is charged. */
const DRAFT_SECONDS = HOUR;

/** What happens at the end of a period (or of a trial): the subscription ends, or rolls into the next period. */
export function renewSubscription(world: World, subscription: Stripe.Subscription): void {
  const { cancel_at } = subscription;
  if (cancel_at !== null && cancel_at <= world.seconds()) {
    endSubscription(world, subscription, 'cancellation_requested');
    return;
  }
  const { id, metadata } = subscription;
  const ended = periodOf(subscription);
  const { items: old_items, billing_cycle_anchor } = withScheduledPrice(world, subscription, ended.end);
  const recurring = recurringOf(old_items.map(({ price }) => price));
  const period_end = nextBoundary(billing_cycle_anchor, recurring, ended.end);
  const items = old_items.map((item) => ({
    ...item,
    current_period_start: ended.end,
    current_period_end: period_end,
  }));
  const invoice_id = world.id('in_1');
  const renewed = updateSubscription(world, subscription, {
    billing_cycle_anchor,
    items: itemsOf(id, items),
    latest_invoice: invoice_id,
    schedule: null,
    status: subscription.status === 'trialing' ? 'active' : subscription.status,
  });
  const pending = world.store.pending_lines.get(id) ?? [];
  world.store.pending_lines.delete(id);
  const behavior = renewed.pause_collection?.behavior;
  const collects = behavior === undefined && renewed.status !== 'unpaid';
  const draft = createInvoice(world, {
    auto_advance: collects,
    id: invoice_id,
    subscription: renewed,
    billing_reason: 'subscription_cycle',
    lines: [...pending, ...periodLines(world, items, metadata, false)],
    period_start: ended.start,
    period_end: ended.end,
    automatically_finalizes_at: collects ? ended.end + DRAFT_SECONDS : null,
  });
  if (behavior === 'void') voidInvoice(world, finalizeInvoice(world, draft));
  if (behavior === 'mark_uncollectible') writeOffInvoice(world, finalizeInvoice(world, draft));
}

/** The items of the next period: with the price that was put off until now. Another interval moves the anchor. */
function withScheduledPrice(
  world: World,
  { id, items, billing_cycle_anchor }: Stripe.Subscription,
  now: number,
): { items: Stripe.SubscriptionItem[]; billing_cycle_anchor: number } {
  const price = world.store.scheduled_prices.get(id);
  if (price === undefined) return { items: items.data, billing_cycle_anchor };
  world.store.scheduled_prices.delete(id);
  const moves = items.data.some((item) => item.price.recurring?.interval !== price.recurring?.interval);
  return {
    items: items.data.map((item) => ({ ...item, price, plan: planOf(price) })),
    billing_cycle_anchor: moves ? now : billing_cycle_anchor,
  };
}
