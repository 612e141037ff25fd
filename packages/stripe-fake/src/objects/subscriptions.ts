import type Stripe from 'stripe';
import { invalidRequest } from '../api/errors.ts';
import { listOf } from '../api/lists.ts';
import { idOf, previousAttributes, type World } from '../world.ts';
import { stopCollecting } from './invoices.ts';
import { HOUR } from './periods.ts';
import { planOf } from './plans.ts';
import { closeSchedule, scheduleOf } from './subscription-schedules.ts';

/** How long a first payment, or the payment of a pending update, may take. */
export const INCOMPLETE_HOURS = 23;

const BILLED: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due', 'unpaid']);
const ENDED: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

export function isLive({ status }: Stripe.Subscription): boolean {
  return !ENDED.has(status);
}

/** Whether the subscription has periods, one after the other. */
export function isBilled({ status }: Stripe.Subscription): boolean {
  return BILLED.has(status);
}

/** The running period in epoch seconds. All items of one subscription share it. */
export function periodOf({ items }: Stripe.Subscription): { start: number; end: number } {
  const [item] = items.data;
  if (item === undefined) throw invalidRequest('A subscription has at least one item.');
  return { start: item.current_period_start, end: item.current_period_end };
}

/** How often the subscription is billed. */
export function recurringOf(prices: Stripe.Price[]): Stripe.Price.Recurring {
  const [price] = prices;
  if (!price?.recurring) {
    throw invalidRequest(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
    );
  }
  const { interval, interval_count } = price.recurring;
  if (prices.some(({ recurring }) => recurring?.interval !== interval || recurring.interval_count !== interval_count)) {
    throw invalidRequest(
      'All prices on a subscription must have the same `recurring.interval` and `recurring.interval_count`.',
    );
  }
  return price.recurring;
}

interface ItemDetails {
  subscription_id: string;
  price: Stripe.Price;
  quantity: number;
  period: { start: number; end: number };
}

export function buildItem(
  world: World,
  { subscription_id, price, quantity, period }: ItemDetails,
): Stripe.SubscriptionItem {
  return {
    id: world.id('si_', 14),
    object: 'subscription_item',
    billing_thresholds: null,
    created: world.seconds(),
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts: [],
    metadata: {},
    plan: planOf(price),
    price,
    quantity,
    subscription: subscription_id,
    tax_rates: [],
  };
}

export interface SubscriptionDetails {
  id: string;
  customer: string;
  items: Stripe.SubscriptionItem[];
  currency: string;
  metadata: Stripe.Metadata;
  description: string | null;
  default_payment_method: string | null;
  latest_invoice: string;
  billing_cycle_anchor: number;
  trial_end: number | null;
}

/** A subscription whose first invoice is not paid yet. */
export function createSubscription(world: World, details: SubscriptionDetails): Stripe.Subscription {
  const created = world.seconds();
  const { id, trial_end } = details;
  const subscription = putSubscription(world, {
    id,
    object: 'subscription',
    application: null,
    application_fee_percent: null,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null },
    billing_cycle_anchor: details.billing_cycle_anchor,
    billing_cycle_anchor_config: null,
    billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
    billing_schedules: [],
    billing_thresholds: null,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: { comment: null, feedback: null, feedback_option: null, reason: null },
    collection_method: 'charge_automatically',
    created,
    currency: details.currency,
    customer: details.customer,
    customer_account: null,
    days_until_due: null,
    default_payment_method: details.default_payment_method,
    default_source: null,
    default_tax_rates: [],
    description: details.description,
    discounts: [],
    ended_at: null,
    invoice_settings: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: { type: 'self' },
    },
    items: itemsOf(id, details.items),
    latest_invoice: details.latest_invoice,
    livemode: false,
    managed_payments: null,
    metadata: details.metadata,
    next_pending_invoice_item_invoice: null,
    on_behalf_of: null,
    pause_collection: null,
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: 'off',
    },
    pending_invoice_item_interval: null,
    pending_setup_intent: null,
    pending_update: null,
    schedule: null,
    start_date: created,
    status: trial_end === null ? 'incomplete' : 'trialing',
    test_clock: null,
    transfer_data: null,
    trial_end,
    trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
    trial_start: trial_end === null ? null : created,
  });
  world.emit({ type: 'customer.subscription.created', data: { object: subscription } });
  return subscription;
}

export function itemsOf(id: string, items: Stripe.SubscriptionItem[]): Stripe.ApiList<Stripe.SubscriptionItem> {
  return listOf(items, `/v1/subscription_items?subscription=${id}`);
}

/** Stores a subscription, and notes in the agenda what it waits for. */
function putSubscription(world: World, subscription: Stripe.Subscription): Stripe.Subscription {
  const { id, status, created, cancel_at, pause_collection, pending_update } = subscription;
  const { agenda } = world;
  if (BILLED.has(status)) {
    const end = Math.min(periodOf(subscription).end, cancel_at ?? Number.POSITIVE_INFINITY);
    agenda.set('subscription.end_of_period', id, end * 1000);
  } else agenda.clear('subscription.end_of_period', id);
  if (status === 'incomplete') {
    agenda.set('subscription.expire_incomplete', id, (created + INCOMPLETE_HOURS * HOUR) * 1000);
  } else agenda.clear('subscription.expire_incomplete', id);
  if (pending_update !== null) {
    agenda.set('subscription.expire_pending_update', id, pending_update.expires_at * 1000);
  } else agenda.clear('subscription.expire_pending_update', id);
  if (status !== 'trialing') agenda.clear('subscription.trial_will_end', id);
  const resumes_at = isLive(subscription) ? pause_collection?.resumes_at : null;
  if (resumes_at) agenda.set('subscription.resume_collection', id, resumes_at * 1000);
  else agenda.clear('subscription.resume_collection', id);
  return world.store.subscriptions.put(subscription);
}

/** Prorations that wait for the next invoice. */
export function addPendingLines(world: World, id: string, lines: Stripe.InvoiceLineItem[]): void {
  if (lines.length === 0) return;
  world.store.pending_lines.set(id, [...(world.store.pending_lines.get(id) ?? []), ...lines]);
}

/** Stores the changed subscription, and sends an event if something changed. */
export function updateSubscription(
  world: World,
  before: Stripe.Subscription,
  change: Partial<Stripe.Subscription>,
): Stripe.Subscription {
  const subscription: Stripe.Subscription = { ...before, ...change };
  const previous_attributes = previousAttributes(before, subscription);
  if (Object.keys(previous_attributes).length === 0) return before;
  putSubscription(world, subscription);
  world.emit({ type: 'customer.subscription.updated', data: { object: subscription, previous_attributes } });
  return subscription;
}

/** Ends a subscription at its period's end, or takes that back. */
export function cancellationAtPeriodEnd(
  world: World,
  before: Stripe.Subscription,
  wanted: boolean,
): Partial<Stripe.Subscription> {
  return wanted
    ? { ...endingAt(world, before, periodOf(before).end), cancel_at_period_end: true }
    : { ...endingAt(world, before, null), cancel_at_period_end: false };
}

/** @param cancel_at epoch seconds; null for a subscription that goes on. */
export function endingAt(
  world: World,
  before: Stripe.Subscription,
  cancel_at: number | null,
): Partial<Stripe.Subscription> {
  const details = before.cancellation_details ?? { comment: null, feedback: null, feedback_option: null };
  return {
    cancel_at,
    canceled_at: cancel_at === null ? null : world.seconds(),
    cancellation_details: { ...details, reason: cancel_at === null ? null : 'cancellation_requested' },
  };
}

/** Ends a subscription now. */
export function endSubscription(
  world: World,
  before: Stripe.Subscription,
  reason: Stripe.Subscription.CancellationDetails.Reason | null,
): Stripe.Subscription {
  const now = world.seconds();
  const details = before.cancellation_details ?? { comment: null, feedback: null, feedback_option: null, reason: null };
  const subscription = putSubscription(world, {
    ...before,
    canceled_at: before.canceled_at ?? now,
    cancellation_details: { ...details, reason },
    ended_at: now,
    pending_update: null,
    status: 'canceled',
  });
  stopCollecting(world, before.id);
  world.store.pending_lines.delete(before.id);
  const schedule = scheduleOf(world, before);
  if (schedule !== null) closeSchedule(world, schedule, 'canceled');
  world.emit({ type: 'customer.subscription.deleted', data: { object: subscription } });
  return subscription;
}

export function customerIdOf(subscription: Stripe.Subscription): string {
  return idOf(subscription.customer);
}
