import type Stripe from 'stripe';
import * as z from 'zod';
import { pageOf } from '../api/lists.ts';
import { isWithin, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { idOf, type World } from '../world.ts';
import { answerCharge, createCharge, DECLINED } from './charges.ts';
import { isDelayed, wayOf } from './payment-methods.ts';
import { DAY } from './periods.ts';

interface PaymentDetails {
  /** Minor units. */
  amount: number;
  currency: string;
  customer: string | null;
  description: string | null;
  metadata: Stripe.Metadata;
  setup_future_usage: 'off_session' | null;
}

export function createPaymentIntent(world: World, details: PaymentDetails): Stripe.PaymentIntent {
  const id = world.id('pi_3');
  const intent = world.store.payment_intents.put({
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: details.amount,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_local`,
    confirmation_method: 'automatic',
    created: world.seconds(),
    currency: details.currency,
    customer: details.customer,
    customer_account: null,
    description: details.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: details.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card', 'us_bank_account'],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: details.setup_future_usage,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  });
  world.emit({ type: 'payment_intent.created', data: { object: intent } });
  return intent;
}

/** How long a debit from a bank account takes. */
const DEBIT_SECONDS = 4 * DAY;

/**
 * Asks for the money once. The intent's status says how it went: `succeeded`;
 * `requires_payment_method` after a decline; `requires_action` if the customer must agree first;
 * `processing` while a bank takes its time.
 */
export function confirmPayment(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const way = wayOf(method);
  if (way === 'authenticate') return requireAction(world, intent, method);
  if (isDelayed(method)) return beginDebit(world, intent, method);
  const charge = createCharge(world, intent, method, way === 'decline' ? 'failed' : 'succeeded');
  return concludePayment(world, { ...intent, next_action: null, payment_method: method.id }, charge);
}

/** 3-D Secure: the bank wants to ask the customer. Nothing was charged. */
function requireAction(world: World, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Stripe.PaymentIntent {
  const waiting = world.store.payment_intents.put({
    ...intent,
    next_action: {
      redirect_to_url: { return_url: null, url: `${world.url}/3d_secure/${intent.id}` },
      type: 'redirect_to_url',
    },
    payment_method: method.id,
    status: 'requires_action',
  });
  world.emit({ type: 'payment_intent.requires_action', data: { object: waiting } });
  return waiting;
}

function beginDebit(world: World, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Stripe.PaymentIntent {
  const charge = createCharge(world, intent, method, 'pending');
  const processing = world.store.payment_intents.put({
    ...intent,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
    payment_method: method.id,
    status: 'processing',
  });
  world.agenda.set('payment_intent.settle', intent.id, (world.seconds() + DEBIT_SECONDS) * 1000);
  world.emit({ type: 'payment_intent.processing', data: { object: processing } });
  return processing;
}

/** The bank's answer about a `processing` debit. */
export function concludeDebit(world: World, intent: Stripe.PaymentIntent): Stripe.PaymentIntent {
  world.agenda.clear('payment_intent.settle', intent.id);
  const method = world.store.payment_methods.require(idOf(intent.payment_method ?? ''));
  const charge = world.store.charges.require(idOf(intent.latest_charge ?? ''));
  const answer = wayOf(method) === 'delayed_failure' ? 'failed' : 'succeeded';
  return concludePayment(world, intent, answerCharge(world, charge, answer));
}

function concludePayment(world: World, intent: Stripe.PaymentIntent, charge: Stripe.Charge): Stripe.PaymentIntent {
  if (charge.paid) {
    const succeeded = world.store.payment_intents.put({
      ...intent,
      amount_received: intent.amount,
      last_payment_error: null,
      latest_charge: charge.id,
      status: 'succeeded',
    });
    world.emit({ type: 'payment_intent.succeeded', data: { object: succeeded } });
    return succeeded;
  }
  const method = world.store.payment_methods.require(idOf(intent.payment_method ?? ''));
  const failed = world.store.payment_intents.put({
    ...intent,
    last_payment_error: { type: 'card_error', ...DECLINED, charge: charge.id, payment_method: method },
    latest_charge: charge.id,
    payment_method: null,
    status: 'requires_payment_method',
  });
  world.emit({ type: 'payment_intent.payment_failed', data: { object: failed } });
  return failed;
}

export function cancelPaymentIntent(world: World, intent: Stripe.PaymentIntent): Stripe.PaymentIntent {
  world.agenda.clear('payment_intent.settle', intent.id);
  const canceled = world.store.payment_intents.put({
    ...intent,
    canceled_at: world.seconds(),
    cancellation_reason: 'void_invoice',
    status: 'canceled',
  });
  world.emit({ type: 'payment_intent.canceled', data: { object: canceled } });
  return canceled;
}

const listParams = z.strictObject({ ...pagination, created: range.optional(), customer: text.optional() });

export const paymentIntentRoutes: Route[] = [
  route('GET', '/v1/payment_intents/:id', z.strictObject({}), ({ world, id }) =>
    world.store.payment_intents.require(id),
  ),
  route('GET', '/v1/payment_intents', listParams, ({ world, params }) => {
    return pageOf(
      world.store.payment_intents.list(),
      params,
      '/v1/payment_intents',
      ({ customer, created }) =>
        (params.customer === undefined || customer === params.customer) && isWithin(created, params.created),
    );
  }),
];
