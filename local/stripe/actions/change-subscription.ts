import type Stripe from 'stripe';
import { invalidRequest, StripeApiError } from '../api/errors.ts';
import { DECLINED } from '../objects/charges.ts';
import { periodLines } from '../objects/invoice-lines.ts';
import { createInvoice } from '../objects/invoices.ts';
import { cardFor, isDeclined } from '../objects/payment-methods.ts';
import { HOUR, nextBoundary } from '../objects/periods.ts';
import { planOf } from '../objects/plans.ts';
import { prorationLines } from '../objects/prorations.ts';
import {
  buildItem,
  customerIdOf,
  INCOMPLETE_HOURS,
  itemsOf,
  periodOf,
  recurringOf,
  updateSubscription,
} from '../objects/subscriptions.ts';
import type { World } from '../world.ts';
import { collectInvoice } from './collect-invoice.ts';

export const PRORATION_BEHAVIORS = ['always_invoice', 'create_prorations', 'none'] as const;
export const PAYMENT_BEHAVIORS = ['allow_incomplete', 'error_if_incomplete', 'pending_if_incomplete'] as const;

export interface ItemChange {
  /** Absent for a new item. */
  id?: string | undefined;
  price?: string | undefined;
  quantity?: number | undefined;
  deleted?: boolean | undefined;
}

export interface SubscriptionChange {
  /** Changes that cost nothing. */
  attributes: Partial<Stripe.Subscription>;
  items: ItemChange[];
  proration_behavior: (typeof PRORATION_BEHAVIORS)[number];
  payment_behavior: (typeof PAYMENT_BEHAVIORS)[number];
  /** Epoch seconds, for which the prorations are computed. */
  proration_date?: number | undefined;
}

interface Plan {
  items: Stripe.SubscriptionItem[];
  billing_cycle_anchor: number;
  lines: Stripe.InvoiceLineItem[];
  /** Whether the lines are invoiced at once, or wait for the next invoice. */
  invoice_now: boolean;
}

/**
 * Changes a subscription as `POST /v1/subscriptions/:id` does: other prices or quantities are prorated, and paid at
 * once or with the next invoice. @throws StripeApiError 402 when that needs a payment which is declined and the caller
 * wants no change then.
 */
export function changeSubscription(
  world: World,
  before: Stripe.Subscription,
  change: SubscriptionChange,
): Stripe.Subscription {
  if (change.items.length === 0) return updateSubscription(world, before, change.attributes);
  const plan = planChange(world, before, change);
  if (!plan.invoice_now) {
    if (plan.lines.length > 0) {
      world.store.pending_lines.set(before.id, [...(world.store.pending_lines.get(before.id) ?? []), ...plan.lines]);
    }
    return updateSubscription(world, before, { ...change.attributes, items: itemsOf(before.id, plan.items) });
  }
  const declined = !canPay(world, before, plan.lines);
  if (declined && change.payment_behavior === 'error_if_incomplete') {
    const { message, ...details } = DECLINED;
    throw new StripeApiError(402, 'card_error', message, details);
  }
  const pending = declined && change.payment_behavior === 'pending_if_incomplete';
  return invoiceChange(world, before, change, plan, pending);
}

function planChange(world: World, before: Stripe.Subscription, change: SubscriptionChange): Plan {
  const now = world.seconds();
  const old_items = before.items.data;
  const changed = changedItems(world, before, change.items);
  const recurring = recurringOf(changed.map(({ price }) => price));
  const old_recurring = recurringOf(old_items.map(({ price }) => price));
  const same_cycle =
    recurring.interval === old_recurring.interval && recurring.interval_count === old_recurring.interval_count;
  const prorate = change.proration_behavior !== 'none' && before.status !== 'trialing';
  const prorated_at = change.proration_date ?? now;
  if (same_cycle || before.status === 'trialing') {
    const lines = prorate ? prorationLines(world, before, changed, prorated_at) : [];
    const invoice_now = change.proration_behavior === 'always_invoice' && lines.length > 0;
    return { items: changed, billing_cycle_anchor: before.billing_cycle_anchor, lines, invoice_now };
  }
  // Another interval begins a new billing cycle, which is paid at once.
  const period = { current_period_start: now, current_period_end: nextBoundary(now, recurring, now) };
  const items = changed.map((item) => ({ ...item, ...period }));
  const credits = prorate ? prorationLines(world, before, [], prorated_at) : [];
  const lines = [...credits, ...periodLines(world, items, before.metadata, false)];
  return { items, billing_cycle_anchor: now, lines, invoice_now: true };
}

/** @throws StripeApiError for an unknown item or price, or when no item is left. */
function changedItems(world: World, before: Stripe.Subscription, changes: ItemChange[]): Stripe.SubscriptionItem[] {
  let items = before.items.data;
  changes.forEach((change, i) => {
    const price =
      change.price === undefined ? undefined : world.store.prices.require(change.price, `items[${i}][price]`);
    if (change.id === undefined) {
      if (price === undefined) {
        throw invalidRequest(`Missing required param: items[${i}][price].`, {
          code: 'parameter_missing',
          param: `items[${i}][price]`,
        });
      }
      const details = { subscription_id: before.id, price, quantity: change.quantity ?? 1, period: periodOf(before) };
      items = [...items, buildItem(world, details)];
      return;
    }
    if (!items.some(({ id }) => id === change.id)) {
      throw invalidRequest(`No such subscription_item: '${change.id}'`, {
        code: 'resource_missing',
        param: `items[${i}][id]`,
      });
    }
    items = items.flatMap((item) => {
      if (item.id !== change.id) return [item];
      if (change.deleted === true) return [];
      const quantity = change.quantity ?? item.quantity ?? 1;
      return [price === undefined ? { ...item, quantity } : { ...item, price, plan: planOf(price), quantity }];
    });
  });
  if (items.length === 0)
    throw invalidRequest('A subscription must have at least one active plan.', { param: 'items' });
  return items;
}

function canPay(world: World, subscription: Stripe.Subscription, lines: Stripe.InvoiceLineItem[]): boolean {
  const customer_id = customerIdOf(subscription);
  const { balance } = world.store.customers.require(customer_id, 'customer');
  if (lines.reduce((sum, { amount }) => sum + amount, balance) <= 0) return true;
  const card = cardFor(world, customer_id, subscription);
  return card !== null && !isDeclined(card);
}

/** Applies the change (or keeps it as a pending update) and charges its invoice. */
function invoiceChange(
  world: World,
  before: Stripe.Subscription,
  change: SubscriptionChange,
  plan: Plan,
  pending: boolean,
): Stripe.Subscription {
  const now = world.seconds();
  const invoice_id = world.id('in_1');
  const { items, billing_cycle_anchor } = plan;
  const outcome: Partial<Stripe.Subscription> = pending
    ? { pending_update: pendingUpdate(now, plan) }
    : { items: itemsOf(before.id, items), billing_cycle_anchor };
  const subscription = updateSubscription(world, before, {
    ...change.attributes,
    ...outcome,
    latest_invoice: invoice_id,
  });
  const invoice = createInvoice(world, {
    id: invoice_id,
    subscription,
    billing_reason: 'subscription_update',
    lines: plan.lines,
    period_start: now,
    period_end: now,
    automatically_finalizes_at: null,
    auto_advance: !pending,
  });
  collectInvoice(world, invoice, true);
  return world.store.subscriptions.require(before.id);
}

function pendingUpdate(now: number, plan: Plan): Stripe.Subscription.PendingUpdate {
  return {
    billing_cycle_anchor: plan.billing_cycle_anchor,
    cancel_at_period_end: null,
    discount: null,
    discounts: null,
    expires_at: now + INCOMPLETE_HOURS * HOUR,
    metadata: null,
    subscription_items: plan.items,
    trial_end: null,
    trial_from_plan: null,
  };
}
