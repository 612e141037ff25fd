import type Stripe from 'stripe';
import * as z from 'zod';
import { resourceMissing } from './api/errors.ts';

/** A part of the store that can be kept and put back. */
export interface StorePart {
  /** As JSON has it. */
  save(): unknown;
  /** Puts back what `save` gave. What is there already stays as it is. */
  restore(saved: unknown): void;
}

/**
 * Objects of one kind by id. They are values: a change puts a new object in the place of the old
 * one, so an event may keep the object it tells about.
 */
export class Collection<T extends { id: string }> implements StorePart {
  readonly #noun: string;
  readonly #rows = new Map<string, T>();

  constructor(noun: string) {
    this.#noun = noun;
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  /**
   * @param param the request's parameter that names the object. @throws StripeApiError
   * `resource_missing`
   */
  require(id: string, param = 'id'): T {
    const row = this.#rows.get(id);
    if (row === undefined) throw resourceMissing(this.#noun, id, param);
    return row;
  }

  put<U extends T>(row: U): U {
    this.#rows.set(row.id, row);
    return row;
  }

  delete(id: string): void {
    this.#rows.delete(id);
  }

  /** Newest first, as Stripe lists. */
  list(matches: (row: T) => boolean = () => true): T[] {
    return [...this.#rows.values()].filter(matches).reverse();
  }

  save(): T[] {
    return [...this.#rows.values()];
  }

  restore(saved: unknown): void {
    for (const row of z.array(z.custom<T>(hasId)).parse(saved)) if (!this.#rows.has(row.id)) this.put(row);
  }
}

const hasId = (row: unknown) => typeof row === 'object' && row !== null && 'id' in row && typeof row.id === 'string';

/** What belongs to an object and is no object of Stripe's itself, by the object's id. */
export class Attachments<V> extends Map<string, V> implements StorePart {
  save(): [string, V][] {
    return [...this];
  }

  restore(saved: unknown): void {
    const entries = z.array(z.tuple([z.string(), z.custom<V>()])).parse(saved);
    for (const [id, value] of entries) if (!this.has(id)) this.set(id, value);
  }
}

/** Everything the fake knows. Embedded objects (items, invoice lines) live inside their parents. */
export class Store {
  readonly balance_transactions = new Collection<Stripe.BalanceTransaction>('balance transaction');
  readonly charges = new Collection<Stripe.Charge>('charge');
  readonly checkout_sessions = new Collection<Stripe.Checkout.Session>('checkout.session');
  readonly customers = new Collection<Stripe.Customer>('customer');
  readonly deleted_customers = new Collection<Stripe.DeletedCustomer>('customer');
  readonly disputes = new Collection<Stripe.Dispute>('dispute');
  readonly events = new Collection<Stripe.Event>('event');
  readonly invoice_payments = new Collection<Stripe.InvoicePayment>('invoice_payment');
  readonly invoices = new Collection<Stripe.Invoice>('invoice');
  readonly payment_intents = new Collection<Stripe.PaymentIntent>('payment_intent');
  readonly payment_methods = new Collection<Stripe.PaymentMethod>('PaymentMethod');
  readonly portal_configurations = new Collection<Stripe.BillingPortal.Configuration>('configuration');
  readonly portal_sessions = new Collection<Stripe.BillingPortal.Session>('portal session');
  readonly prices = new Collection<Stripe.Price>('price');
  readonly products = new Collection<Stripe.Product>('product');
  readonly refunds = new Collection<Stripe.Refund>('refund');
  readonly subscription_schedules = new Collection<Stripe.SubscriptionSchedule>('subscription schedule');
  readonly subscriptions = new Collection<Stripe.Subscription>('subscription');
  readonly webhook_endpoints = new Collection<Stripe.WebhookEndpoint>('webhook endpoint');

  /** Line items by checkout session. */
  readonly line_items = new Attachments<Stripe.LineItem[]>();
  /** Prorations that wait for the next invoice, by subscription. */
  readonly pending_lines = new Attachments<Stripe.InvoiceLineItem[]>();
  /**
   * What a checkout session will make when it is paid (trial, metadata of the subscription or
   * payment).
   */
  readonly checkout_orders = new Attachments<CheckoutOrder>();
  /** Signing secrets by webhook endpoint: several while one is being rotated. */
  readonly webhook_secrets = new Attachments<string[]>();

  /** Everything, by name. */
  parts(): [string, StorePart][] {
    return Object.entries(this);
  }
}

/** The part of a checkout session's parameters that Stripe does not show on the session. */
export interface CheckoutOrder {
  description: string | null;
  metadata: Stripe.Metadata;
  trial_end: number | null;
  trial_period_days: number | null;
}
