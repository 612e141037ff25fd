import type Stripe from 'stripe';
import {
  finalizeInvoice,
  markInvoicePaid,
  paymentIntentOf,
  subscriptionIdOf,
  updateInvoice,
} from '../objects/invoices.ts';
import { confirmPayment } from '../objects/payment-intents.ts';
import { cardFor } from '../objects/payment-methods.ts';
import { DAY } from '../objects/periods.ts';
import { endSubscription, isLive, itemsOf, updateSubscription } from '../objects/subscriptions.ts';
import { idOf, type World } from '../world.ts';

/** A declined renewal is tried again this many days after each attempt. Then dunning is over. */
const DUNNING_DAYS = [3, 2, 2];

export interface Collection {
  invoice: Stripe.Invoice;
  /** `pending`: the bank has not answered yet. */
  outcome: 'paid' | 'pending' | 'failed';
}

/**
 * Finalises a draft, charges the customer's card for an open invoice, and lets the subscription
 * follow.
 * @param automatic false if somebody pays by hand: a failure then does not move the dunning
 * schedule.
 */
export function collectInvoice(world: World, before: Stripe.Invoice, automatic: boolean): Collection {
  const open = before.status === 'draft' ? finalizeInvoice(world, before) : before;
  const subscription = subscriptionOf(world, open);
  const intent = open.amount_due === 0 ? null : paymentIntentOf(world, open);
  if (intent === null) return settle(world, markInvoicePaid(world, open), subscription);
  const attempts = automatic || !open.attempted ? open.attempt_count + 1 : open.attempt_count;
  const method = cardFor(world, idOf(open.customer ?? ''), subscription);
  const confirmed = method === null ? intent : confirmPayment(world, intent, method);
  return followPayment(world, open, confirmed, attempts);
}

/** Moves an open invoice and its subscription on after a payment attempt. */
export function followPayment(
  world: World,
  open: Stripe.Invoice,
  intent: Stripe.PaymentIntent,
  attempt_count: number,
): Collection {
  const subscription = subscriptionOf(world, open);
  if (intent.status === 'succeeded') {
    return settle(world, markInvoicePaid(world, { ...open, attempt_count }), subscription);
  }
  if (intent.status === 'processing') {
    const invoice = updateInvoice(world, open, { attempt_count, attempted: true, next_payment_attempt: null });
    return trust(world, invoice, subscription);
  }
  const retries = open.auto_advance && subscription?.status !== 'incomplete';
  const failed = updateInvoice(world, open, {
    attempt_count,
    attempted: true,
    next_payment_attempt: retries ? retryAt(world, open, attempt_count) : null,
  });
  world.emit({ type: 'invoice.payment_failed', data: { object: failed } });
  if (intent.status === 'requires_action') {
    world.emit({ type: 'invoice.payment_action_required', data: { object: failed } });
  }
  if (subscription !== null) suffer(world, subscription, failed);
  return { invoice: failed, outcome: 'failed' };
}

/** A debit is under way: the subscription stays active until the bank says no. */
function trust(world: World, invoice: Stripe.Invoice, subscription: Stripe.Subscription | null): Collection {
  if (subscription?.status === 'incomplete') updateSubscription(world, subscription, { status: 'active' });
  return { invoice, outcome: 'pending' };
}

function subscriptionOf(world: World, invoice: Stripe.Invoice): Stripe.Subscription | null {
  const id = subscriptionIdOf(invoice);
  return id === null ? null : (world.store.subscriptions.get(id) ?? null);
}

/**
 * Epoch seconds of the next attempt, or null after the last one. An attempt by hand moves nothing.
 */
function retryAt(world: World, { attempt_count, next_payment_attempt }: Stripe.Invoice, attempts: number) {
  if (attempts === attempt_count && next_payment_attempt !== null) return next_payment_attempt;
  const days = DUNNING_DAYS[attempts - 1];
  return days === undefined ? null : world.seconds() + days * DAY;
}

/** The effect of a paid invoice on its subscription. */
function settle(world: World, invoice: Stripe.Invoice, subscription: Stripe.Subscription | null): Collection {
  if (subscription !== null && isLive(subscription) && subscription.latest_invoice === invoice.id) {
    const { status } = subscription;
    const waits = status === 'incomplete' || status === 'past_due' || status === 'unpaid';
    const settled = updateSubscription(world, subscription, {
      ...pendingChange(subscription),
      status: waits ? 'active' : status,
    });
    if (subscription.pending_update !== null) {
      world.emit({ type: 'customer.subscription.pending_update_applied', data: { object: settled } });
    }
  }
  return { invoice, outcome: 'paid' };
}

function pendingChange(subscription: Stripe.Subscription): Partial<Stripe.Subscription> {
  const { id, pending_update, billing_cycle_anchor } = subscription;
  if (!pending_update?.subscription_items) return {};
  return {
    billing_cycle_anchor: pending_update.billing_cycle_anchor ?? billing_cycle_anchor,
    items: itemsOf(id, pending_update.subscription_items),
    pending_update: null,
  };
}

/**
 * The effect of a declined invoice on its subscription. The invoice of a pending update has none.
 */
function suffer(world: World, subscription: Stripe.Subscription, invoice: Stripe.Invoice): void {
  const { status, pending_update, latest_invoice } = subscription;
  if (pending_update !== null && latest_invoice === invoice.id) return;
  if (status === 'active' || status === 'trialing') updateSubscription(world, subscription, { status: 'past_due' });
  if (status !== 'past_due' || !invoice.auto_advance || invoice.next_payment_attempt !== null) return;
  if (world.after_dunning === 'canceled') endSubscription(world, subscription, 'payment_failed');
  else updateSubscription(world, subscription, { status: 'unpaid' });
}
