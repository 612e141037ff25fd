import type Stripe from 'stripe';
import { listOf } from '../api/lists.ts';
import { idOf, previousAttributes, type World } from '../world.ts';
import { updateCustomer } from './customers.ts';
import { buildInvoice, type InvoiceDetails } from './draft-invoices.ts';
import { cancelPaymentIntent, createPaymentIntent } from './payment-intents.ts';

export function isSubscriptionInvoice(invoice: Stripe.Invoice, subscription_id: string): boolean {
  return subscriptionIdOf(invoice) === subscription_id;
}

export function subscriptionIdOf(invoice: Stripe.Invoice): string | null {
  const details = invoice.parent?.subscription_details;
  return details ? idOf(details.subscription) : null;
}

/** A draft. A renewal stays one for about an hour. */
export function createInvoice(world: World, details: InvoiceDetails): Stripe.Invoice {
  const invoice = putInvoice(world, buildInvoice(world, details));
  world.emit({ type: 'invoice.created', data: { object: invoice } });
  return invoice;
}

/** Stores an invoice, and notes in the agenda what it waits for. */
function putInvoice(world: World, invoice: Stripe.Invoice): Stripe.Invoice {
  const { id, status, auto_advance = false, automatically_finalizes_at, next_payment_attempt } = invoice;
  if (status === 'draft' && auto_advance && automatically_finalizes_at !== null) {
    world.agenda.set('invoice.finalize', id, automatically_finalizes_at * 1000);
  } else world.agenda.clear('invoice.finalize', id);
  if (status === 'open' && auto_advance && next_payment_attempt !== null) {
    world.agenda.set('invoice.retry', id, next_payment_attempt * 1000);
  } else world.agenda.clear('invoice.retry', id);
  return world.store.invoices.put(invoice);
}

/** Stores the changed invoice, and sends its event. */
export function updateInvoice(world: World, before: Stripe.Invoice, change: Partial<Stripe.Invoice>): Stripe.Invoice {
  const invoice = putInvoice(world, { ...before, ...change });
  const previous_attributes = previousAttributes(before, invoice);
  world.emit({ type: 'invoice.updated', data: { object: invoice, previous_attributes } });
  return invoice;
}

/**
 * Draft → open: a number, the customer's balance applied, a payment intent for what is left to pay.
 */
export function finalizeInvoice(world: World, draft: Stripe.Invoice): Stripe.Invoice {
  const customer = world.store.customers.require(idOf(draft.customer ?? ''), 'customer');
  const sequence = customer.next_invoice_sequence ?? 1;
  const amount_due = Math.max(0, draft.total + customer.balance);
  // A negative balance is the customer's credit. What the invoice does not use of it, or adds to
  // it, stays.
  const ending_balance = Math.min(0, draft.total + customer.balance);
  const counted = world.store.customers.put({ ...customer, next_invoice_sequence: sequence + 1 });
  updateCustomer(world, counted, { balance: ending_balance });
  const number = `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`;
  const invoice = putInvoice(world, {
    ...draft,
    amount_due,
    amount_remaining: amount_due,
    automatically_finalizes_at: null,
    effective_at: world.seconds(),
    ending_balance,
    hosted_invoice_url: `${world.url}/i/${draft.id}`,
    invoice_pdf: `${world.url}/i/${draft.id}/pdf`,
    number,
    starting_balance: customer.balance,
    status: 'open',
    status_transitions: { ...draft.status_transitions, finalized_at: world.seconds() },
  });
  world.emit({ type: 'invoice.finalized', data: { object: invoice } });
  if (amount_due > 0) openPayment(world, invoice);
  return invoice;
}

/** Opens the invoice's payment intent. The invoice payment links the two. */
function openPayment(world: World, invoice: Stripe.Invoice): void {
  const intent = createPaymentIntent(world, {
    amount: invoice.amount_due,
    currency: invoice.currency,
    customer: invoice.customer && idOf(invoice.customer),
    description: invoice.billing_reason === 'subscription_create' ? 'Subscription creation' : 'Subscription update',
    metadata: {},
    setup_future_usage: 'off_session',
  });
  world.store.invoice_payments.put({
    id: paymentIdOf(invoice.id),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_due,
    created: world.seconds(),
    currency: invoice.currency,
    invoice: invoice.id,
    is_default: true,
    livemode: false,
    payment: { payment_intent: intent.id, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
  });
}

/** An invoice has one payment here, so the invoice's id finds it. */
function paymentIdOf(invoice_id: string): string {
  return invoice_id.replace('in_', 'inpay_');
}

/** Fields that `expand` may add to an invoice. */
export function paymentsOfInvoice(world: World, id: string): Stripe.ApiList<Stripe.InvoicePayment> {
  const payment = world.store.invoice_payments.get(paymentIdOf(id));
  return listOf(payment === undefined ? [] : [payment], '/v1/invoice_payments');
}

export function paymentIntentOf(world: World, invoice: Stripe.Invoice): Stripe.PaymentIntent | null {
  const payment = paymentsOfInvoice(world, invoice.id).data[0]?.payment.payment_intent;
  return payment === undefined ? null : world.store.payment_intents.require(idOf(payment));
}

export function markInvoicePaid(world: World, open: Stripe.Invoice): Stripe.Invoice {
  const paid_at = world.seconds();
  const invoice = updateInvoice(world, open, {
    amount_paid: open.amount_due,
    amount_remaining: 0,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'paid',
    status_transitions: { ...open.status_transitions, paid_at },
  });
  world.emit({ type: 'invoice.paid', data: { object: invoice } });
  world.emit({ type: 'invoice.payment_succeeded', data: { object: invoice } });
  for (const payment of paymentsOfInvoice(world, invoice.id).data) {
    const paid = world.store.invoice_payments.put({
      ...payment,
      amount_paid: invoice.amount_paid,
      status: 'paid',
      status_transitions: { ...payment.status_transitions, paid_at },
    });
    world.emit({ type: 'invoice_payment.paid', data: { object: paid } });
  }
  return invoice;
}

export function voidInvoice(world: World, open: Stripe.Invoice): Stripe.Invoice {
  const intent = paymentIntentOf(world, open);
  if (intent !== null) cancelPaymentIntent(world, intent);
  const voided = putInvoice(world, {
    ...open,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'void',
    status_transitions: { ...open.status_transitions, voided_at: world.seconds() },
  });
  world.emit({ type: 'invoice.voided', data: { object: voided } });
  return voided;
}

/** Gives up an open invoice: nobody expects its payment any more. */
export function writeOffInvoice(world: World, open: Stripe.Invoice): Stripe.Invoice {
  const uncollectible = putInvoice(world, {
    ...open,
    auto_advance: false,
    next_payment_attempt: null,
    status: 'uncollectible',
    status_transitions: { ...open.status_transitions, marked_uncollectible_at: world.seconds() },
  });
  world.emit({ type: 'invoice.marked_uncollectible', data: { object: uncollectible } });
  return uncollectible;
}

/** Ends dunning for an ended subscription: its open invoices stay, but nothing advances them. */
export function stopCollecting(world: World, subscription_id: string): void {
  const isUnsettled = (invoice: Stripe.Invoice) =>
    isSubscriptionInvoice(invoice, subscription_id) && (invoice.status === 'draft' || invoice.status === 'open');
  for (const invoice of world.store.invoices.list(isUnsettled)) {
    if (invoice.auto_advance) updateInvoice(world, invoice, { auto_advance: false, next_payment_attempt: null });
  }
}
