import type Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { pagination, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { idOf, type World } from '../world.ts';

/** `decline` is Stripe's test card that can be saved, but whose every charge is declined. */
export type Card = 'success' | 'decline';

const LAST4: Record<Card, string> = { success: '4242', decline: '0341' };

export function isDeclined(card: Stripe.PaymentMethod): boolean {
  return card.card?.last4 === LAST4.decline;
}

/** A card as the checkout page collects it. It belongs to nobody until it is attached. */
export function createCard(world: World, card: Card): Stripe.PaymentMethod {
  return world.store.payment_methods.put({
    id: world.id('pm_1'),
    object: 'payment_method',
    allow_redisplay: 'limited',
    billing_details: { address: null, email: null, name: null, phone: null, tax_id: null },
    card: {
      brand: 'visa',
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: 'US',
      display_brand: 'visa',
      exp_month: 12,
      exp_year: 2040,
      fingerprint: `fp_${LAST4[card]}`,
      funding: 'credit',
      generated_from: null,
      last4: LAST4[card],
      networks: { available: ['visa'], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: world.seconds(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: 'card',
  });
}

export function attachCard(world: World, card: Stripe.PaymentMethod, customer_id: string): Stripe.PaymentMethod {
  const attached = world.store.payment_methods.put({ ...card, customer: customer_id });
  world.emit({ type: 'payment_method.attached', data: { object: attached } });
  return attached;
}

/** The card an invoice is charged to: the subscription's, else the customer's. */
export function cardFor(world: World, customer_id: string, subscription: Stripe.Subscription | null) {
  const chosen =
    subscription?.default_payment_method ??
    world.store.customers.get(customer_id)?.invoice_settings.default_payment_method ??
    null;
  return chosen === null ? null : (world.store.payment_methods.get(idOf(chosen)) ?? null);
}

const listParams = z.strictObject({ ...pagination, customer: text.optional(), type: z.literal('card').optional() });

export const paymentMethodRoutes: Route[] = [
  route('GET', '/v1/payment_methods/:id', z.strictObject({}), ({ world, id }) =>
    world.store.payment_methods.require(id),
  ),
  route('GET', '/v1/payment_methods', listParams, ({ world, params }) => {
    const rows = world.store.payment_methods.list(
      ({ customer }) => customer !== null && (params.customer === undefined || customer === params.customer),
    );
    return pageOf(rows, params, '/v1/payment_methods');
  }),
  route('POST', '/v1/payment_methods/:id/attach', z.strictObject({ customer: text }), ({ world, id, params }) => {
    world.store.customers.require(params.customer, 'customer');
    return attachCard(world, testCard(world, id), params.customer);
  }),
];

/** Stripe's shared test cards have ids of their own; every use makes a new payment method of them. */
function testCard(world: World, id: string): Stripe.PaymentMethod {
  if (id === 'pm_card_visa') return createCard(world, 'success');
  if (id === 'pm_card_chargeCustomerFail') return createCard(world, 'decline');
  const card = world.store.payment_methods.require(id);
  if (card.customer !== null) {
    throw invalidRequest('The payment method you provided has already been attached to a customer.', {
      code: 'payment_method_unexpected_state',
    });
  }
  return card;
}
