import type Stripe from 'stripe';
import { invalidRequest } from '../api/errors.ts';
import { periodLines } from '../objects/invoice-lines.ts';
import { createInvoice } from '../objects/invoices.ts';
import { currentPeriod, nextBoundary } from '../objects/periods.ts';
import { prorationLines } from '../objects/prorations.ts';
import { addPendingLines, itemsOf, periodOf, recurringOf, updateSubscription } from '../objects/subscriptions.ts';
import type { World } from '../world.ts';
import { collectInvoice } from './collect-invoice.ts';

const PAUSABLE: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due']);

/**
 * Stops a subscription: no invoices and no new periods, until it is resumed.
 * @param credits_unused the rest of the period becomes a credit on the next invoice.
 */
export function pauseSubscription(world: World, before: Stripe.Subscription, credits_unused: boolean) {
  if (before.schedule !== null) throw invalidRequest('You cannot pause a subscription with an attached schedule.');
  if (!PAUSABLE.has(before.status)) throw invalidRequest(`You cannot pause a subscription that is ${before.status}.`);
  if (credits_unused && before.status !== 'trialing') {
    addPendingLines(world, before.id, prorationLines(world, before, [], world.seconds()));
  }
  const subscription = updateSubscription(world, before, { status: 'paused' });
  world.emit({ type: 'customer.subscription.paused', data: { object: subscription } });
  return subscription;
}

/**
 * Goes on with a paused subscription: in a new billing cycle that is paid now, or where the old one
 * would be.
 */
export function resumeSubscription(
  world: World,
  before: Stripe.Subscription,
  anchor: 'now' | 'unchanged',
  prorates: boolean,
): Stripe.Subscription {
  if (before.status !== 'paused') throw invalidRequest('Only a paused subscription can be resumed.');
  const now = world.seconds();
  const recurring = recurringOf(before.items.data.map(({ price }) => price));
  const period =
    anchor === 'now'
      ? { start: now, end: nextBoundary(now, recurring, now) }
      : currentPeriod(before.billing_cycle_anchor, recurring, now);
  const items = before.items.data.map((item) => ({
    ...item,
    current_period_start: period.start,
    current_period_end: period.end,
  }));
  const invoice_id = world.id('in_1');
  const is_new = anchor === 'now';
  const resumed = updateSubscription(world, before, {
    billing_cycle_anchor: is_new ? now : before.billing_cycle_anchor,
    items: itemsOf(before.id, items),
    latest_invoice: is_new ? invoice_id : before.latest_invoice,
    status: 'active',
  });
  world.emit({ type: 'customer.subscription.resumed', data: { object: resumed } });
  if (!is_new) {
    if (prorates) addPendingLines(world, before.id, restLines(world, resumed));
    return resumed;
  }
  const pending = world.store.pending_lines.get(before.id) ?? [];
  world.store.pending_lines.delete(before.id);
  const invoice = createInvoice(world, {
    id: invoice_id,
    subscription: resumed,
    billing_reason: 'subscription_update',
    lines: [...pending, ...periodLines(world, items, resumed.metadata, false)],
    period_start: now,
    period_end: now,
    automatically_finalizes_at: null,
  });
  collectInvoice(world, invoice, true);
  return world.store.subscriptions.require(before.id);
}

/** The line for the rest of the running period, to be paid with the next invoice. */
function restLines(world: World, subscription: Stripe.Subscription): Stripe.InvoiceLineItem[] {
  const bare: Stripe.Subscription = { ...subscription, items: itemsOf(subscription.id, []) };
  return prorationLines(world, bare, subscription.items.data, world.seconds(), periodOf(subscription));
}
