import Stripe from 'stripe';
import type { Instant, Milliseconds } from '../domain/units.ts';
import { stripeIdempotencyKey } from './idempotency-key.ts';
import { portalConfiguration } from './portal-configuration.ts';
import { priceIds } from './price-ids.ts';
import { openStripe, type StripeAccess } from './stripe-client.ts';
import { StripeUnavailable } from './stripe-unavailable.ts';

/** Who makes the request, and under which key: the same request makes one object at Stripe. */
export interface StripeRequest {
  readonly account_id: string;
  readonly idempotency_key: string;
  readonly fingerprint: string;
}

/** A plan, or a number of packs with the sum of their credits. */
export type Bought =
  | { readonly kind: 'plan'; readonly lookup_key: string }
  | {
      readonly kind: 'pack';
      readonly lookup_key: string;
      readonly pack: string;
      readonly quantity: number;
      readonly credits: number;
    };

export interface Checkout {
  readonly stripe_customer_id: string;
  readonly bought: Bought;
  readonly success_url: string;
  readonly cancel_url: string;
}

export interface PortalVisit {
  readonly stripe_customer_id: string;
  readonly return_url: string;
}

/** Our requests to Stripe. Each rejects with `StripeUnavailable`. */
export interface StripeGateway {
  /**
   * The id of the account's customer. Makes the customer if there is none, or a new one after
   * deleted ones. Processes that ask at the same time get the same one, because Stripe keeps
   * idempotency keys for 24 hours. After that the account must remember it.
   */
  ensureCustomer(account_id: string, former_customers?: readonly string[]): Promise<string>;
  createCheckoutSession(
    request: StripeRequest,
    checkout: Checkout,
  ): Promise<{ checkout_url: string; session_id: string }>;
  /** The URL of a session of the customer portal. */
  createPortalSession(request: StripeRequest, visit: PortalVisit): Promise<string>;
  /** The subscription's present state, untranslated; null if Stripe has none with this id. */
  fetchSubscription(stripe_subscription_id: string): Promise<unknown>;
  /**
   * The customer's subscriptions that have not ended, newest first, each with its latest invoice.
   */
  fetchSubscriptionsOf(stripe_customer_id: string): Promise<readonly unknown[]>;
  /** The payment intent's present state; null if Stripe has none with this id. */
  fetchPaymentIntent(stripe_payment_intent_id: string): Promise<unknown>;
  /** All refunds of a payment, each with its charge. Empty if Stripe knows no such payment. */
  fetchRefundsOf(stripe_payment_intent_id: string): Promise<readonly unknown[]>;
  /**
   * All lines of an invoice. Rejects with `StripeUnavailable` also if there are more than there is
   * time to read.
   */
  fetchInvoiceLines(stripe_invoice_id: string): Promise<readonly unknown[]>;
}

/**
 * How long the pages of a list may take. A page of a hundred takes some tenths of a second. Code
 * that relies on this says so.
 */
export const paging_time: Milliseconds = 12_500;

/**
 * The list is longer than there is time to read. A part of it would tell nothing, because what
 * counts may be at its end.
 */
class ListTooLong extends Error {
  constructor(listed: number) {
    super(`there is no time to read more than ${listed}, and the list is longer`);
    this.name = 'ListTooLong';
  }
}

interface Page {
  readonly limit: number;
  readonly starting_after?: string;
}

export function openStripeGateway(access: StripeAccess, clock: () => Instant): StripeGateway {
  const ask = openStripe(access);
  const priceId = priceIds(ask, clock);
  const configurationId = portalConfiguration(ask, clock);

  /**
   * Makes one object per key. Under its key Stripe also keeps a failure of its own for a day and
   * answers retries with it (https://docs.stripe.com/api/idempotent_requests), so after such a
   * failure the next attempt uses another key. Nobody knows what the first attempt may have left
   * behind.
   */
  function createOnce<T>(
    operation: string,
    idempotencyKey: string,
    create: (stripe: Stripe, once: { idempotencyKey: string }) => Promise<T>,
  ): Promise<T> {
    return ask(operation, async (stripe) => {
      try {
        return await create(stripe, { idempotencyKey });
      } catch (error) {
        if (!isKeptFailure(error)) throw error;
        return create(stripe, { idempotencyKey: stripeIdempotencyKey('again', idempotencyKey) });
      }
    });
  }

  /**
   * A plan is bought once: a customer who paid in a tab that was left open would have two. Sessions
   * of the same second are left alone.
   */
  async function expireOlderSessions(customer: string, newest: { id: string; created: number }): Promise<void> {
    const { data } = await ask('checkout.sessions.list', (stripe) =>
      stripe.checkout.sessions.list({ customer, status: 'open', limit: 100 }),
    );
    const older = data.filter(({ mode, created }) => mode === 'subscription' && created < newest.created);
    for (const { id } of older) {
      await ask('checkout.sessions.expire', (stripe) => unlessRefused(stripe.checkout.sessions.expire(id)));
    }
  }

  /** The whole list, or an error. */
  async function allPages<T extends { id: string }>(
    list: (page: Page) => Promise<{ data: T[]; has_more: boolean }>,
  ): Promise<T[]> {
    const until = clock() + paging_time;
    const listed: T[] = [];
    for (;;) {
      const after = listed.at(-1)?.id;
      const { data, has_more } = await list({ limit: 100, ...(after !== undefined && { starting_after: after }) });
      listed.push(...data);
      if (!has_more) return listed;
      if (clock() >= until) throw new ListTooLong(listed.length);
    }
  }

  return {
    async ensureCustomer(account_id, former_customers = []) {
      const idempotencyKey = stripeIdempotencyKey('customer', account_id, ...former_customers);
      const { id } = await createOnce('customers.create', idempotencyKey, (stripe, once) =>
        stripe.customers.create({ metadata: { account_id } }, once),
      );
      return id;
    },

    async createCheckoutSession(request, { stripe_customer_id, bought, success_url, cancel_url }) {
      const { account_id } = request;
      const price = await priceId(bought.lookup_key);
      const idempotencyKey = keyOf('checkout', request, stripe_customer_id, price);
      const { id, url, created } = await createOnce('checkout.sessions.create', idempotencyKey, (stripe, once) =>
        stripe.checkout.sessions.create(
          {
            customer: stripe_customer_id,
            client_reference_id: account_id,
            ...saleOf(bought, price, account_id),
            success_url,
            cancel_url,
          },
          once,
        ),
      );
      if (url === null) throw new StripeUnavailable({ cause: new Error(`checkout session ${id} has no URL`) });
      if (bought.kind === 'plan') await expireOlderSessions(stripe_customer_id, { id, created });
      return { checkout_url: url, session_id: id };
    },

    async createPortalSession(request, { stripe_customer_id, return_url }) {
      const configuration = await configurationId();
      const idempotencyKey = keyOf('portal', request, stripe_customer_id, configuration ?? 'default');
      const { url } = await createOnce('billingPortal.sessions.create', idempotencyKey, (stripe, once) =>
        stripe.billingPortal.sessions.create(
          { customer: stripe_customer_id, return_url, ...(configuration !== undefined && { configuration }) },
          once,
        ),
      );
      return url;
    },

    fetchSubscription: (stripe_subscription_id) =>
      ask('subscriptions.retrieve', (stripe) => orNull(stripe.subscriptions.retrieve(stripe_subscription_id))),

    fetchSubscriptionsOf: (customer) =>
      ask('subscriptions.list', async (stripe) => {
        const { data } = await stripe.subscriptions.list({ customer, limit: 100, expand: ['data.latest_invoice'] });
        return data;
      }),

    fetchPaymentIntent: (stripe_payment_intent_id) =>
      ask('paymentIntents.retrieve', (stripe) => orNull(stripe.paymentIntents.retrieve(stripe_payment_intent_id))),

    fetchRefundsOf: (payment_intent) =>
      ask('refunds.list', async (stripe) => {
        const list = (page: Page) => stripe.refunds.list({ payment_intent, expand: ['data.charge'], ...page });
        return (await orNull(allPages(list))) ?? [];
      }),

    fetchInvoiceLines: (stripe_invoice_id) =>
      ask('invoices.listLineItems', (stripe) =>
        allPages((page) => stripe.invoices.listLineItems(stripe_invoice_id, page)),
      ),
  };
}

/**
 * What the session sells. For a pack, the metadata of session and payment intent say what was
 * promised. That counts when it is paid, and when the money goes back.
 */
function saleOf(bought: Bought, price: string, account_id: string): Stripe.Checkout.SessionCreateParams {
  if (bought.kind === 'plan') {
    return {
      mode: 'subscription',
      metadata: { account_id },
      subscription_data: { metadata: { account_id } },
      line_items: [{ price, quantity: 1 }],
    };
  }
  const { pack, quantity, credits } = bought;
  const metadata = { account_id, pack, quantity, credits };
  return {
    mode: 'payment',
    metadata,
    payment_intent_data: { metadata },
    line_items: [{ price, quantity }],
  };
}

/**
 * The key holds the fingerprint: if the first request failed here, its key may come again with
 * another request. It also holds what Stripe is told beyond the request. If a price was replaced
 * between two attempts, the second is another request, which Stripe would refuse for a day under
 * the same key.
 */
function keyOf(kind: string, { account_id, idempotency_key, fingerprint }: StripeRequest, ...told: string[]): string {
  return stripeIdempotencyKey(kind, account_id, idempotency_key, fingerprint, ...told);
}

function isKeptFailure(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError)) return false;
  return (error.statusCode ?? 0) >= 500 && error.headers?.['idempotent-replayed'] === 'true';
}

/**
 * A refusal of Stripe is an answer: a session that was paid or has expired meanwhile cannot be
 * expired.
 */
async function unlessRefused(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
  }
}

async function orNull<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing') return null;
    throw error;
  }
}
