import type Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { pagination, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { CARDS, type Card } from '../cards.ts';
import { idOf, type World } from '../world.ts';

/** The last digits of Stripe's own test cards and test bank accounts. */
const LAST4: Record<Card, string> = {
  success: '4242',
  decline: '0341',
  authenticate: '3184',
  delayed: '6789',
  delayed_failure: '1116',
  refund_failure: '5126',
};

/** The result of payments with this method. */
export function wayOf({ card, us_bank_account }: Stripe.PaymentMethod): Card {
  const last4 = card?.last4 ?? us_bank_account?.last4;
  return CARDS.find((way) => LAST4[way] === last4) ?? 'success';
}

/** Whether a payment without the customer's presence cannot even begin. */
export function isRefused(method: Stripe.PaymentMethod): boolean {
  const way = wayOf(method);
  return way === 'decline' || way === 'authenticate';
}

export function isDelayed(method: Stripe.PaymentMethod): boolean {
  return method.type === 'us_bank_account';
}

/** `Visa •••• 4242` */
export function methodLabel(method: Stripe.PaymentMethod): string {
  return `${method.card ? 'Visa' : 'Bank account'} •••• ${LAST4[wayOf(method)]}`;
}

/** A payment method as the checkout page collects it. It belongs to nobody until it is attached. */
export function createCard(world: World, way: Card): Stripe.PaymentMethod {
  const is_bank = way === 'delayed' || way === 'delayed_failure';
  return world.store.payment_methods.put({
    id: world.id('pm_1'),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    ...(is_bank ? { us_bank_account: bankAccount(LAST4[way]) } : { card: cardDetails(LAST4[way]) }),
    created: world.seconds(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: is_bank ? 'us_bank_account' : 'card',
  });
}

function cardDetails(last4: string): Stripe.PaymentMethod.Card {
  return {
    brand: 'visa',
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
    country: 'US',
    display_brand: 'visa',
    exp_month: 12,
    exp_year: 2040,
    fingerprint: `fp_${last4}`,
    funding: 'credit',
    generated_from: null,
    last4,
    networks: { available: ['visa'], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
}

function bankAccount(last4: string): Stripe.PaymentMethod.UsBankAccount {
  return {
    account_holder_type: 'individual',
    account_type: 'checking',
    bank_name: 'STRIPE TEST BANK',
    financial_connections_account: null,
    fingerprint: `fp_${last4}`,
    last4,
    networks: { preferred: 'ach', supported: ['ach'] },
    routing_number: '110000000',
    status_details: {},
  };
}

export function attachCard(world: World, card: Stripe.PaymentMethod, customer_id: string): Stripe.PaymentMethod {
  const attached = world.store.payment_methods.put({ ...card, customer: customer_id });
  world.emit({ type: 'payment_method.attached', data: { object: attached } });
  return attached;
}

/** The card to which an invoice is charged: the subscription's, else the customer's. */
export function cardFor(world: World, customer_id: string, subscription: Stripe.Subscription | null) {
  const chosen =
    subscription?.default_payment_method ??
    world.store.customers.get(customer_id)?.invoice_settings.default_payment_method ??
    null;
  return chosen === null ? null : (world.store.payment_methods.get(idOf(chosen)) ?? null);
}

const listParams = z.strictObject({
  ...pagination,
  customer: text.optional(),
  type: z.enum(['card', 'us_bank_account']).optional(),
});

export const paymentMethodRoutes: Route[] = [
  route('GET', '/v1/payment_methods/:id', z.strictObject({}), ({ world, id }) =>
    world.store.payment_methods.require(id),
  ),
  route('GET', '/v1/payment_methods', listParams, ({ world, params }) => {
    return pageOf(
      world.store.payment_methods.list(),
      params,
      '/v1/payment_methods',
      ({ customer, type }) =>
        customer !== null &&
        (params.customer === undefined || customer === params.customer) &&
        (params.type === undefined || type === params.type),
    );
  }),
  route('POST', '/v1/payment_methods/:id/attach', z.strictObject({ customer: text }), ({ world, id, params }) => {
    world.store.customers.require(params.customer, 'customer');
    return attachCard(world, testCard(world, id), params.customer);
  }),
];

const TEST_CARDS: Record<string, Card> = {
  pm_card_visa: 'success',
  pm_card_chargeCustomerFail: 'decline',
  pm_card_authenticationRequired: 'authenticate',
  pm_usBankAccount_success: 'delayed',
  pm_usBankAccount_accountClosed: 'delayed_failure',
  pm_card_refundFail: 'refund_failure',
};

/** Stripe's shared test cards have ids of their own. Each use makes a new payment method. */
function testCard(world: World, id: string): Stripe.PaymentMethod {
  const way = TEST_CARDS[id];
  if (way !== undefined) return createCard(world, way);
  const card = world.store.payment_methods.require(id);
  if (card.customer !== null) {
    throw invalidRequest('The payment method you provided has already been attached to a customer.', {
      code: 'payment_method_unexpected_state',
    });
  }
  return card;
}
