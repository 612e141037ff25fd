import type Stripe from 'stripe';
import { invalidRequest, StripeApiError } from '../api/errors.ts';
import { DECLINED } from '../objects/charges.ts';
import { periodLines } from '../objects/invoice-lines.ts';
import { createInvoice } from '../objects/invoices.ts';
import { cardFor, isRefused } from '../objects/payment-methods.ts';
import { DAY, HOUR, nextBoundary } from '../objects/periods.ts';
import { planOf } from '../objects/plans.ts';
import { prorationLines } from '../objects/prorations.ts';
import {
  addPendingLines,
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
  /** Epoch seconds: the moment for which prorations are computed. */
  proration_date?: number | undefined;
  /** Epoch seconds; `now` ends a running trial. */
  trial_end?: number | 'now' | undefined;
  /** `now` begins a new billing cycle. */
  billing_cycle_anchor?: 'now' | 'unchanged' | undefined;
}

/** The effect of a change. */
export interface Plan {
  /** Changes of the subscription: a trial that begins, moves or ends. */
  attributes: Partial<Stripe.Subscription>;
  items: Stripe.SubscriptionItem[];
  billing_cycle_anchor: number;
  lines: Stripe.InvoiceLineItem[];
  /** Whether the lines are invoiced at once, or wait for the next invoice. */
  invoice_now: boolean;
}

/**
 * Changes a subscription as `POST /v1/subscriptions/:id` does. Other prices or quantities are
 * prorated, and paid at once or with the next invoice.
 * @throws StripeApiError 402 if a payment is declined and the caller wants no change then.
 */
export function changeSubscription(
  world: World,
  before: Stripe.Subscription,
  change: SubscriptionChange,
): Stripe.Subscription {
  if (change.items.length === 0 && change.trial_end === undefined && change.billing_cycle_anchor !== 'now') {
    return updateSubscription(world, before, change.attributes);
  }
  const plan = planChange(world, before, change);
  if (!plan.invoice_now) {
    addPendingLines(world, before.id, plan.lines);
    const { attributes, billing_cycle_anchor } = plan;
    const items = itemsOf(before.id, plan.items);
    return remindOfTrial(
      world,
      updateSubscription(world, before, { ...change.attributes, ...attributes, billing_cycle_anchor, items }),
      before,
    );
  }
  const declined = !canPay(world, before, plan.lines);
  if (declined && change.payment_behavior === 'error_if_incomplete') {
    const { message, ...details } = DECLINED;
    throw new StripeApiError(402, 'card_error', message, details);
  }
  const pending = declined && change.payment_behavior === 'pending_if_incomplete';
  return invoiceChange(world, before, change, plan, pending);
}

/** Works out what a change costs and where it leads, without doing it. */
export function planChange(world: World, before: Stripe.Subscription, change: PlannedChange): Plan {
  const { proration_behavior, proration_date = world.seconds() } = change;
  const changed = changedItems(world, before, change.items);
  const prorate = proration_behavior !== 'none' && before.status !== 'trialing';
  const cycle = newCycle(world, before, changed, change);
  if (cycle === null) {
    const lines = prorate ? prorationLines(world, before, changed, proration_date) : [];
    const invoice_now = proration_behavior === 'always_invoice' && lines.length > 0;
    return { attributes: {}, items: changed, billing_cycle_anchor: before.billing_cycle_anchor, lines, invoice_now };
  }
  const { attributes, billing_cycle_anchor, period } = cycle;
  const items = changed.map((item) => ({
    ...item,
    current_period_start: period.start,
    current_period_end: period.end,
  }));
  const stays_trial = before.status === 'trialing' && attributes.status === 'trialing';
  if (stays_trial) return { attributes, items, billing_cycle_anchor, lines: [], invoice_now: false };
  const credits = prorate ? prorationLines(world, before, [], proration_date) : [];
  const lines = [...credits, ...periodLines(world, items, before.metadata, attributes.status === 'trialing')];
  return { attributes, items, billing_cycle_anchor, lines, invoice_now: true };
}

type PlannedChange = Pick<
  SubscriptionChange,
  'items' | 'proration_behavior' | 'proration_date' | 'trial_end' | 'billing_cycle_anchor'
>;

interface Cycle {
  attributes: Partial<Stripe.Subscription>;
  billing_cycle_anchor: number;
  period: { start: number; end: number };
}

/**
 * The billing cycle that a change begins and that is paid at once; null if the running one goes on.
 */
function newCycle(
  world: World,
  before: Stripe.Subscription,
  items: Stripe.SubscriptionItem[],
  { trial_end, billing_cycle_anchor }: PlannedChange,
): Cycle | null {
  const now = world.seconds();
  const recurring = recurringOf(items.map(({ price }) => price));
  const is_trialing = before.status === 'trialing';
  if (typeof trial_end === 'number') {
    const trial_start = is_trialing ? before.trial_start : now;
    const attributes = { status: 'trialing', trial_start, trial_end } as const;
    const start = is_trialing ? periodOf(before).start : now;
    return { attributes, billing_cycle_anchor: trial_end, period: { start, end: trial_end } };
  }
  const period = { start: now, end: nextBoundary(now, recurring, now) };
  if (is_trialing) {
    if (trial_end === undefined) return null;
    return { attributes: { status: 'active', trial_end: now }, billing_cycle_anchor: now, period };
  }
  const old = recurringOf(before.items.data.map(({ price }) => price));
  const same_interval = recurring.interval === old.interval && recurring.interval_count === old.interval_count;
  if (same_interval && billing_cycle_anchor !== 'now') return null;
  return { attributes: {}, billing_cycle_anchor: now, period };
}

/** Tells the customer three days before a trial ends. */
function remindOfTrial(
  world: World,
  subscription: Stripe.Subscription,
  { trial_end }: Stripe.Subscription,
): Stripe.Subscription {
  if (subscription.status === 'trialing' && subscription.trial_end !== null && subscription.trial_end !== trial_end) {
    const at = Math.max(world.seconds(), subscription.trial_end - 3 * DAY);
    world.agenda.set('subscription.trial_will_end', subscription.id, at * 1000);
  }
  return subscription;
}

/** @throws StripeApiError for an unknown item or price, or if no item is left. */
export function changedItems(
  world: World,
  before: Stripe.Subscription,
  changes: ItemChange[],
): Stripe.SubscriptionItem[] {
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
  return card !== null && !isRefused(card);
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
    : { ...plan.attributes, items: itemsOf(before.id, items), billing_cycle_anchor };
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
  return remindOfTrial(world, world.store.subscriptions.require(before.id), before);
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
