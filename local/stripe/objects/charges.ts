import type Stripe from 'stripe';
import * as z from 'zod';
import { listOf, pageOf } from '../api/lists.ts';
import { isWithin, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { bookMovement, cardFee } from './balance-transactions.ts';
import { isDeclined } from './payment-methods.ts';

const DECLINED_MESSAGE = 'Your card was declined.';
export const DECLINED = { code: 'card_declined', decline_code: 'generic_decline', message: DECLINED_MESSAGE } as const;

/** Asks the bank for a payment intent's amount and tells what the bank said. */
export function createCharge(world: World, intent: Stripe.PaymentIntent, card: Stripe.PaymentMethod): Stripe.Charge {
  const declined = isDeclined(card);
  const id = world.id('ch_3');
  const { amount, currency, description } = intent;
  const movement = declined
    ? null
    : bookMovement(world, {
        amount,
        currency,
        fee: cardFee(amount),
        type: 'charge',
        reporting_category: 'charge',
        source: id,
        description,
      });
  const charge = world.store.charges.put({
    id,
    object: 'charge',
    amount,
    amount_captured: declined ? 0 : amount,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: movement?.id ?? null,
    billing_details: card.billing_details,
    calculated_statement_descriptor: 'LOCAL',
    captured: !declined,
    created: world.seconds(),
    currency,
    customer: intent.customer,
    description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: declined ? DECLINED.code : null,
    failure_message: declined ? DECLINED_MESSAGE : null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(declined),
    paid: !declined,
    payment_intent: intent.id,
    payment_method: card.id,
    payment_method_details: detailsOf(card, amount),
    receipt_email: null,
    receipt_number: null,
    receipt_url: declined ? null : `${world.url}/receipts/${id}`,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: declined ? 'failed' : 'succeeded',
    transfer_data: null,
    transfer_group: null,
  });
  world.emit({ type: declined ? 'charge.failed' : 'charge.succeeded', data: { object: charge } });
  return charge;
}

function outcomeOf(declined: boolean): Stripe.Charge.Outcome {
  return {
    advice_code: declined ? 'try_again_later' : null,
    network_advice_code: null,
    network_decline_code: declined ? '05' : null,
    network_status: declined ? 'declined_by_network' : 'approved_by_network',
    reason: declined ? DECLINED.decline_code : null,
    risk_level: 'normal',
    risk_score: 10,
    seller_message: declined ? 'The bank did not return any further details with this decline.' : 'Payment complete.',
    type: declined ? 'issuer_declined' : 'authorized',
  };
}

function detailsOf({ card }: Stripe.PaymentMethod, amount: number): Stripe.Charge.PaymentMethodDetails {
  return {
    card: {
      amount_authorized: amount,
      authorization_code: null,
      brand: card?.brand ?? null,
      checks: card?.checks ?? null,
      country: card?.country ?? null,
      electronic_commerce_indicator: null,
      exp_month: card?.exp_month ?? 12,
      exp_year: card?.exp_year ?? 2040,
      fingerprint: card?.fingerprint ?? null,
      funding: card?.funding ?? null,
      installments: null,
      last4: card?.last4 ?? null,
      mandate: null,
      network: 'visa',
      network_transaction_id: null,
      regulated_status: 'unregulated',
      three_d_secure: null,
      transaction_link_id: null,
      wallet: null,
    },
    type: 'card',
  };
}

/** What `expand` may add to a charge. */
export function refundsOfCharge(world: World, id: string): Stripe.ApiList<Stripe.Refund> {
  return listOf(
    world.store.refunds.list((refund) => refund.charge === id),
    `/v1/charges/${id}/refunds`,
  );
}

const listParams = z.strictObject({
  ...pagination,
  created: range.optional(),
  customer: text.optional(),
  payment_intent: text.optional(),
});

export const chargeRoutes: Route[] = [
  route('GET', '/v1/charges/:id', z.strictObject({}), ({ world, id }) => world.store.charges.require(id)),
  route('GET', '/v1/charges', listParams, ({ world, params }) => {
    const rows = world.store.charges.list(
      ({ customer, payment_intent, created }) =>
        (params.customer === undefined || customer === params.customer) &&
        (params.payment_intent === undefined || payment_intent === params.payment_intent) &&
        isWithin(created, params.created),
    );
    return pageOf(rows, params, '/v1/charges');
  }),
];
