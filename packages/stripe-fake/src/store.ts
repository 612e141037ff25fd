import type Stripe from 'stripe';
import { resourceMissing } from './api/errors.ts';

/**
 * Objects of one kind by id. They are values: a change puts a new object in the place of the old
 * one, so an event may keep the object it tells about.
 */
export class Collection<T extends { id: string }> {
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
  readonly line_items = new Map<string, Stripe.LineItem[]>();
  /** Prorations that wait for the next invoice, by subscription. */
  readonly pending_lines = new Map<string, Stripe.InvoiceLineItem[]>();
  /**
   * What a checkout session will make when it is paid (trial, metadata of the subscription or
   * payment).
   */
  readonly checkout_orders = new Map<string, CheckoutOrder>();
  /** Signing secrets by webhook endpoint: several while one is being rotated. */
  readonly webhook_secrets = new Map<string, string[]>();
}

/** The part of a checkout session's parameters that Stripe does not show on the session. */
export interface CheckoutOrder {
  description: string | null;
  metadata: Stripe.Metadata;
  trial_end: number | null;
  trial_period_days: number | null;
}
