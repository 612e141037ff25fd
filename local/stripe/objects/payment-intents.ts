import type Stripe from 'stripe';
import * as z from 'zod';
import { pageOf } from '../api/lists.ts';
import { isWithin, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { createCharge, DECLINED } from './charges.ts';

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
    payment_method_types: ['card'],
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

/** Charges the card once. The intent's status says how it went: `succeeded` or `requires_payment_method`. */
export function confirmPayment(
  world: World,
  intent: Stripe.PaymentIntent,
  card: Stripe.PaymentMethod,
): Stripe.PaymentIntent {
  const charge = createCharge(world, intent, card);
  if (charge.paid) {
    const succeeded = world.store.payment_intents.put({
      ...intent,
      amount_received: intent.amount,
      last_payment_error: null,
      latest_charge: charge.id,
      payment_method: card.id,
      status: 'succeeded',
    });
    world.emit({ type: 'payment_intent.succeeded', data: { object: succeeded } });
    return succeeded;
  }
  const failed = world.store.payment_intents.put({
    ...intent,
    last_payment_error: { type: 'card_error', ...DECLINED, charge: charge.id, payment_method: card },
    latest_charge: charge.id,
    status: 'requires_payment_method',
  });
  world.emit({ type: 'payment_intent.payment_failed', data: { object: failed } });
  return failed;
}

export function cancelPaymentIntent(world: World, intent: Stripe.PaymentIntent): Stripe.PaymentIntent {
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
    const rows = world.store.payment_intents.list(
      ({ customer, created }) =>
        (params.customer === undefined || customer === params.customer) && isWithin(created, params.created),
    );
    return pageOf(rows, params, '/v1/payment_intents');
  }),
];
