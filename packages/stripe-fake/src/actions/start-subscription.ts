import type Stripe from 'stripe';
import { periodLines } from '../objects/invoice-lines.ts';
import { createInvoice } from '../objects/invoices.ts';
import { DAY, nextBoundary } from '../objects/periods.ts';
import { buildItem, createSubscription, recurringOf } from '../objects/subscriptions.ts';
import type { World } from '../world.ts';
import { type Collection, collectInvoice } from './collect-invoice.ts';

export interface SubscriptionOrder {
  customer: string;
  items: { price: Stripe.Price; quantity: number }[];
  metadata: Stripe.Metadata;
  description: string | null;
  default_payment_method: string | null;
  /** Epoch seconds. A trial makes a first invoice of zero. */
  trial_end: number | null;
}

/** A subscription with its first invoice, which is finalised and charged at once. */
export function startSubscription(world: World, order: SubscriptionOrder): Collection & { subscription_id: string } {
  const { customer, trial_end, metadata } = order;
  const now = world.seconds();
  const recurring = recurringOf(order.items.map(({ price }) => price));
  const id = world.id('sub_1');
  const billing_cycle_anchor = trial_end ?? now;
  const period = { start: now, end: trial_end ?? nextBoundary(now, recurring, now) };
  const items = order.items.map(({ price, quantity }) =>
    buildItem(world, { subscription_id: id, price, quantity, period }),
  );
  const invoice_id = world.id('in_1');
  const subscription = createSubscription(world, {
    id,
    customer,
    items,
    currency: items[0]?.price.currency ?? 'usd',
    metadata,
    description: order.description,
    default_payment_method: order.default_payment_method,
    latest_invoice: invoice_id,
    billing_cycle_anchor,
    trial_end,
  });
  if (trial_end !== null) {
    world.agenda.set('subscription.trial_will_end', id, Math.max(now, trial_end - 3 * DAY) * 1000);
  }
  const invoice = createInvoice(world, {
    id: invoice_id,
    subscription,
    billing_reason: 'subscription_create',
    lines: periodLines(world, items, metadata, trial_end !== null),
    period_start: now,
    period_end: now,
    automatically_finalizes_at: null,
  });
  return { ...collectInvoice(world, invoice, true), subscription_id: id };
}
