import type Stripe from 'stripe';
import type { Card } from '../cards.ts';
import { completeSession } from '../objects/checkout-sessions.ts';
import { createCustomer, updateCustomer } from '../objects/customers.ts';
import { confirmPayment, createPaymentIntent } from '../objects/payment-intents.ts';
import { attachCard, createCard, isRefused } from '../objects/payment-methods.ts';
import { DAY } from '../objects/periods.ts';
import type { CheckoutOrder } from '../store.ts';
import { idOf, type World } from '../world.ts';
import { pendingPaymentOf, settlePayment } from './settle-payment.ts';
import { startSubscription } from './start-subscription.ts';

/** What a customer fills in on the checkout page. */
export interface CheckoutForm {
  card: Card;
  /** Needed only if the session knows neither a customer nor an email address. */
  email?: string | undefined;
}

const NO_ORDER: CheckoutOrder = { description: null, metadata: {}, trial_end: null, trial_period_days: null };
const UNKNOWN_EMAIL = 'customer@example.com';

/**
 * Pays a checkout session. It stays open if the card is declined or its owner must agree first. A
 * complete or expired session stays as it is; if it waits for a bank, the bank answers now.
 */
export function payCheckout(
  world: World,
  session: Stripe.Checkout.Session,
  form: CheckoutForm,
): Stripe.Checkout.Session {
  if (session.status !== 'open') {
    const pending = pendingPaymentOf(world, session);
    if (pending !== null) settlePayment(world, pending);
    return world.store.checkout_sessions.require(session.id);
  }
  const card = createCard(world, form.card);
  if (isRefused(card)) return refuse(world, session, card);
  return session.mode === 'subscription' ? subscribe(world, session, card, form) : purchase(world, session, card, form);
}

/**
 * The page charges the card before it makes anything else. So a refusal leaves an unpaid payment
 * and nothing more.
 */
function refuse(world: World, session: Stripe.Checkout.Session, card: Stripe.PaymentMethod): Stripe.Checkout.Session {
  if ((session.amount_total ?? 0) === 0) return session;
  const intent = confirmPayment(world, intentOf(world, session, session.customer && idOf(session.customer)), card);
  if (session.mode === 'subscription') return session;
  return world.store.checkout_sessions.put({ ...session, payment_intent: intent.id });
}

function subscribe(
  world: World,
  session: Stripe.Checkout.Session,
  card: Stripe.PaymentMethod,
  form: CheckoutForm,
): Stripe.Checkout.Session {
  const order = world.store.checkout_orders.get(session.id) ?? NO_ORDER;
  const trial_end = trialEnd(world, order);
  const customer = customerOf(world, session, form);
  const attached = attachCard(world, card, customer.id);
  if (customer.invoice_settings.default_payment_method === null) {
    const invoice_settings = { ...customer.invoice_settings, default_payment_method: attached.id };
    updateCustomer(world, customer, { invoice_settings });
  }
  const lines = world.store.line_items.get(session.id) ?? [];
  const { subscription_id, invoice, outcome } = startSubscription(world, {
    customer: customer.id,
    items: lines.flatMap(({ price, quantity }) => (price === null ? [] : [{ price, quantity: quantity ?? 1 }])),
    metadata: order.metadata,
    description: order.description,
    default_payment_method: attached.id,
    trial_end,
  });
  return completeSession(world, session, {
    customer: customer.id,
    customer_details: detailsOf(customer),
    invoice: invoice.id,
    payment_status: trial_end === null ? (outcome === 'paid' ? 'paid' : 'unpaid') : 'no_payment_required',
    subscription: subscription_id,
  });
}

function purchase(
  world: World,
  session: Stripe.Checkout.Session,
  card: Stripe.PaymentMethod,
  form: CheckoutForm,
): Stripe.Checkout.Session {
  const keeps_customer = session.customer !== null || session.customer_creation === 'always';
  const customer = keeps_customer ? customerOf(world, session, form) : null;
  const known = {
    customer: customer?.id ?? null,
    customer_details: detailsOf(customer ?? { email: session.customer_email ?? form.email ?? UNKNOWN_EMAIL }),
  };
  if ((session.amount_total ?? 0) === 0) {
    return completeSession(world, session, { ...known, payment_status: 'no_payment_required' });
  }
  const intent = confirmPayment(world, intentOf(world, session, known.customer), card);
  const payment_status = intent.status === 'succeeded' ? 'paid' : 'unpaid';
  return completeSession(world, session, { ...known, payment_intent: intent.id, payment_status });
}

/** The session's payment intent. The first attempt makes it. */
function intentOf(world: World, session: Stripe.Checkout.Session, customer: string | null): Stripe.PaymentIntent {
  if (session.payment_intent !== null) {
    return { ...world.store.payment_intents.require(idOf(session.payment_intent)), customer };
  }
  const order = world.store.checkout_orders.get(session.id) ?? NO_ORDER;
  return createPaymentIntent(world, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    customer,
    description: session.mode === 'subscription' ? 'Subscription creation' : order.description,
    metadata: session.mode === 'subscription' ? {} : order.metadata,
    setup_future_usage: session.mode === 'subscription' ? 'off_session' : null,
  });
}

function customerOf(world: World, session: Stripe.Checkout.Session, form: CheckoutForm): Stripe.Customer {
  if (session.customer !== null) return world.store.customers.require(idOf(session.customer), 'customer');
  return createCustomer(world, { email: session.customer_email ?? form.email ?? UNKNOWN_EMAIL, metadata: {} });
}

function detailsOf(
  customer: Pick<Stripe.Customer, 'email' | 'name' | 'phone'>,
): Stripe.Checkout.Session.CustomerDetails {
  return {
    address: null,
    business_name: null,
    email: customer.email,
    individual_name: null,
    name: customer.name ?? null,
    phone: customer.phone ?? null,
    tax_exempt: 'none',
    tax_ids: [],
  };
}

function trialEnd(world: World, { trial_end, trial_period_days }: CheckoutOrder): number | null {
  if (trial_end !== null) return trial_end;
  return trial_period_days === null ? null : world.seconds() + trial_period_days * DAY;
}
