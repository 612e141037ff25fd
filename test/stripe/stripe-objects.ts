import { randomUUID } from 'node:crypto';
import type Stripe from 'stripe';
import { planPrices } from '../../shared/config/prices.ts';
import { toCatalog } from '../../shared/config/to-catalog.ts';
import config from '../billing.config.ts';

/**
 * Some fields of one of Stripe's objects: as the package declares them, so that a field that is
 * gone does not compile.
 */
export type Part<T> = T extends readonly (infer Item)[]
  ? Part<Item>[]
  : T extends object
    ? { [Field in keyof T]?: Part<T[Field]> }
    : T;

export const prices = planPrices(config);
export const catalog = toCatalog(config);

/** 23 November 2026, 10:00, in Stripe's seconds. */
export const bought_s = Date.parse('2026-11-23T10:00:00Z') / 1_000;
/** One month later. */
export const renewed_s = Date.parse('2026-12-23T10:00:00Z') / 1_000;

export function subscriptionObject(
  changes: Part<Stripe.Subscription> = {},
  lookup_key: string | null = 'pro_month',
): Part<Stripe.Subscription> {
  return {
    id: 'sub_1',
    object: 'subscription',
    customer: 'cus_1',
    status: 'active',
    billing_cycle_anchor: bought_s,
    cancel_at: null,
    cancel_at_period_end: false,
    items: { object: 'list', data: [itemObject(lookup_key)] },
    metadata: { account_id: 'u_1' },
    ...changes,
  };
}

/** An item with a price of the id `price_<lookup key>`. */
export function itemObject(
  lookup_key: string | null,
  changes: Part<Stripe.Price> = {},
  id = 'si_1',
): Part<Stripe.SubscriptionItem> {
  return {
    id,
    object: 'subscription_item',
    current_period_end: renewed_s,
    price: { id: `price_${lookup_key}`, object: 'price', lookup_key, ...changes },
  };
}

export function invoiceObject(changes: Part<Stripe.Invoice> = {}): Part<Stripe.Invoice> {
  return {
    id: 'in_1',
    object: 'invoice',
    customer: 'cus_1',
    parent: {
      type: 'subscription_details',
      subscription_details: { subscription: 'sub_1', metadata: { account_id: 'u_1' } },
    },
    lines: { object: 'list', has_more: false, data: [lineObject()] },
    ...changes,
  };
}

/** A line for a whole period of sub_1's item; for which price, it does not say. */
export function lineObject(
  end_s = renewed_s,
  changes: Part<Stripe.InvoiceLineItem> = {},
): Part<Stripe.InvoiceLineItem> {
  return {
    object: 'line_item',
    amount: 2_900,
    period: { start: bought_s, end: end_s },
    parent: {
      type: 'subscription_item_details',
      subscription_item_details: { subscription: 'sub_1', subscription_item: 'si_1', proration: false },
    },
    ...changes,
  };
}

/** The same line, of an item and a price. */
export function pricedLineObject(
  item: string,
  price: string,
  changes: Part<Stripe.InvoiceLineItem> = {},
): Part<Stripe.InvoiceLineItem> {
  const subscription_item_details = { subscription: 'sub_1', subscription_item: item, proration: false };
  return lineObject(renewed_s, {
    parent: { type: 'subscription_item_details', subscription_item_details },
    pricing: { type: 'price_details', price_details: { price, product: 'prod_1' } },
    ...changes,
  });
}

export function sessionObject(changes: Part<Stripe.Checkout.Session> = {}): Part<Stripe.Checkout.Session> {
  return {
    id: 'cs_test_1',
    object: 'checkout.session',
    mode: 'subscription',
    customer: 'cus_1',
    client_reference_id: 'u_1',
    metadata: { account_id: 'u_1' },
    ...changes,
  };
}

/** What our metadata promises of two small packs. */
export const pack_metadata = { account_id: 'u_1', pack: 'small', quantity: '2', credits: '1000' };

/** A session in which two small packs were bought. */
export function packSessionObject(changes: Part<Stripe.Checkout.Session> = {}): Part<Stripe.Checkout.Session> {
  return sessionObject({
    mode: 'payment',
    payment_status: 'paid',
    payment_intent: 'pi_1',
    metadata: pack_metadata,
    ...changes,
  });
}

/** The charge of the two packs. */
export function chargeObject(changes: Part<Stripe.Charge> = {}): Part<Stripe.Charge> {
  return {
    id: 'ch_1',
    object: 'charge',
    customer: 'cus_1',
    payment_intent: 'pi_1',
    amount_captured: 3_000,
    amount_refunded: 0,
    metadata: pack_metadata,
    ...changes,
  };
}

/** A refund of that charge, as it is listed with it. */
export function refundObject(amount: number, changes: Part<Stripe.Refund> = {}): Part<Stripe.Refund> {
  return {
    id: 're_1',
    object: 'refund',
    amount,
    status: 'succeeded',
    payment_intent: 'pi_1',
    charge: 'ch_1',
    ...changes,
  };
}

/** A dispute of all of the payment, with the money it has moved. */
export function disputeObject(
  moved: readonly number[] = [-3_000],
  changes: Part<Stripe.Dispute> = {},
): Part<Stripe.Dispute> {
  return {
    id: 'du_1',
    object: 'dispute',
    amount: 3_000,
    payment_intent: 'pi_1',
    balance_transactions: moved.map((amount) => ({ object: 'balance_transaction', amount })),
    ...changes,
  };
}

export function paymentIntentObject(changes: Part<Stripe.PaymentIntent> = {}): Part<Stripe.PaymentIntent> {
  return {
    id: 'pi_1',
    object: 'payment_intent',
    customer: 'cus_1',
    amount_received: 3_000,
    metadata: pack_metadata,
    ...changes,
  };
}

/** An event as Stripe sends it, with an id of its own. */
export function eventObject(type: Stripe.Event.Type, object: object, changes: Partial<Stripe.Event> = {}) {
  return {
    id: `evt_${randomUUID()}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: bought_s,
    livemode: false,
    pending_webhooks: 1,
    type,
    data: { object },
    ...changes,
  } as const;
}
