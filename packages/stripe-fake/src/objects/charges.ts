import type Stripe from 'stripe';
import * as z from 'zod';
import { listOf, pageOf } from '../api/lists.ts';
import { isWithin, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { bookMovement, cardFee } from './balance-transactions.ts';

export const DECLINED = {
  code: 'card_declined',
  decline_code: 'generic_decline',
  message: 'Your card was declined.',
} as const;

export const AUTHENTICATION_REQUIRED = {
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'Your card was declined. This transaction requires authentication.',
} as const;

/** The bank's answer: at once, or days later about a pending debit. */
export type BankAnswer = 'succeeded' | 'failed' | 'pending';

/** Asks the bank for a payment intent's amount, and reports the bank's answer. */
export function createCharge(
  world: World,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  answer: BankAnswer,
): Stripe.Charge {
  const id = world.id('ch_3');
  const { amount, currency, description } = intent;
  const asked: Stripe.Charge = {
    id,
    object: 'charge',
    amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: 'LOCAL',
    captured: false,
    created: world.seconds(),
    currency,
    customer: intent.customer,
    description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(answer === 'failed'),
    paid: false,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: detailsOf(method, amount),
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'pending',
    transfer_data: null,
    transfer_group: null,
  };
  if (answer !== 'pending') return answerCharge(world, asked, answer);
  const charge = world.store.charges.put({ ...asked, captured: true, amount_captured: amount });
  world.emit({ type: 'charge.pending', data: { object: charge } });
  return charge;
}

/** The bank's last word about a charge: the money comes, or not. */
export function answerCharge(world: World, asked: Stripe.Charge, answer: 'succeeded' | 'failed'): Stripe.Charge {
  const { id, amount, currency, description } = asked;
  if (answer === 'failed') {
    const failed = world.store.charges.put({
      ...asked,
      amount_captured: 0,
      captured: false,
      failure_code: DECLINED.code,
      failure_message: DECLINED.message,
      outcome: outcomeOf(true),
      status: 'failed',
    });
    world.emit({ type: 'charge.failed', data: { object: failed } });
    return failed;
  }
  const movement = { amount, currency, fee: cardFee(amount), source: id, description };
  const succeeded = world.store.charges.put({
    ...asked,
    amount_captured: amount,
    balance_transaction: bookMovement(world, { ...movement, type: 'charge', reporting_category: 'charge' }).id,
    captured: true,
    paid: true,
    receipt_url: `${world.url}/receipts/${id}`,
    status: 'succeeded',
  });
  world.emit({ type: 'charge.succeeded', data: { object: succeeded } });
  return succeeded;
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

function detailsOf(
  { card, us_bank_account }: Stripe.PaymentMethod,
  amount: number,
): Stripe.Charge.PaymentMethodDetails {
  if (us_bank_account !== undefined) {
    const { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number } = us_bank_account;
    const account = { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number };
    return { type: 'us_bank_account', us_bank_account: { ...account, payment_reference: null } };
  }
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

/** Fields that `expand` may add to a charge. */
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
    return pageOf(
      world.store.charges.list(),
      params,
      '/v1/charges',
      ({ customer, payment_intent, created }) =>
        (params.customer === undefined || customer === params.customer) &&
        (params.payment_intent === undefined || payment_intent === params.payment_intent) &&
        isWithin(created, params.created),
    );
  }),
];
