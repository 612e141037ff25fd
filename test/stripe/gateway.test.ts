import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openStripeGateway } from '../../shared/stripe/gateway.ts';
import { StripeUnavailable } from '../../shared/stripe/stripe-unavailable.ts';
import { captureLog } from '../api/events.ts';
import { test_now } from '../engines/engines.ts';
import { type FakeGateway, startFakeGateway } from './fake.ts';

let fakes: FakeGateway[] = [];
let log: ReturnType<typeof captureLog>;

beforeEach(() => {
  log = captureLog();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(fakes.map((fake) => fake.close()));
  fakes = [];
});

async function start(options: Parameters<typeof startFakeGateway>[0] = {}): Promise<FakeGateway> {
  const started = await startFakeGateway(options);
  fakes.push(started);
  return started;
}

const requestOf = (account_id: string) => ({ account_id, idempotency_key: randomUUID(), fingerprint: 'f' });
const sdk = ({ fake }: FakeGateway) =>
  new Stripe('sk_test_local', { host: '127.0.0.1', port: fake.port, protocol: 'http' });
const pages = { success_url: 'https://app.example.com/done', cancel_url: 'https://app.example.com/back' };

describe('the gateway to Stripe', () => {
  test('creates one customer per account, however often and from whatever process it is asked', async () => {
    const one = await start();
    const account_id = 'kontö 1:2';
    const access = { read_api_key: async () => 'sk_test_local', api_url: one.fake.url, is_production: false };
    const two = openStripeGateway(access, () => test_now);
    const ids = await Promise.all(
      [one.stripe, two, one.stripe, two].map((gateway) => gateway.ensureCustomer(account_id)),
    );
    expect(new Set(ids).size).toBe(1);
    const customers = await sdk(one).customers.list();
    expect(customers.data.map(({ metadata }) => metadata)).toEqual([{ account_id }]);
  });

  test('tries a checkout again with the new price when the first was replaced meanwhile', async () => {
    const one = await start();
    const request = requestOf('u_1');
    const stripe_customer_id = await one.stripe.ensureCustomer('u_1');
    const checkout = { stripe_customer_id, bought: { kind: 'plan', lookup_key: 'pro_year' } as const, ...pages };
    await one.stripe.createCheckoutSession(request, checkout);
    await sdk(one).prices.create({
      product: 'prod_plans',
      lookup_key: 'pro_year',
      transfer_lookup_key: true,
      unit_amount: 31_000,
      currency: 'usd',
      recurring: { interval: 'year' },
    });
    const access = { read_api_key: async () => 'sk_test_local', api_url: one.fake.url, is_production: false };
    const later = openStripeGateway(access, () => test_now);
    const { session_id } = await later.createCheckoutSession(request, checkout);
    expect(await sdk(one).checkout.sessions.retrieve(session_id)).toMatchObject({ amount_total: 31_000 });
  });

  test('opens a checkout that leads back to the account, once per request', async () => {
    const one = await start();
    const request = requestOf('u_1');
    const stripe_customer_id = await one.stripe.ensureCustomer('u_1');
    const checkout = { stripe_customer_id, bought: { kind: 'plan', lookup_key: 'pro_year' } as const, ...pages };
    const [first, again, other] = await Promise.all([
      one.stripe.createCheckoutSession(request, checkout),
      one.stripe.createCheckoutSession(request, checkout),
      one.stripe.createCheckoutSession({ ...request, fingerprint: 'g' }, checkout),
    ]);
    expect(again).toEqual(first);
    expect(other.session_id).not.toBe(first.session_id);
    expect(first.checkout_url).toMatch(/^http:\/\/127\.0\.0\.1/);
    const session = await sdk(one).checkout.sessions.retrieve(first.session_id);
    expect(session).toMatchObject({
      mode: 'subscription',
      customer: stripe_customer_id,
      client_reference_id: 'u_1',
      metadata: { account_id: 'u_1' },
      amount_total: 29_000,
      ...pages,
    });
    await one.fake.paySession(first.session_id, 'success');
    const { data } = await sdk(one).subscriptions.list({ customer: stripe_customer_id });
    expect(data).toMatchObject([{ metadata: { account_id: 'u_1' }, status: 'active' }]);
    expect(await one.stripe.fetchSubscription(data[0]?.id ?? '')).toMatchObject({ id: data[0]?.id });
    const [invoice] = (await sdk(one).invoices.list({ customer: stripe_customer_id })).data;
    const lines = await one.stripe.fetchInvoiceLines(invoice?.id ?? '');
    expect(lines).toMatchObject([{ amount: 29_000 }]);
  });

  test('expires open sessions for a plan, so nobody pays in two tabs', async () => {
    const one = await start();
    const stripe_customer_id = await one.stripe.ensureCustomer('u_1');
    const bought = { kind: 'plan', lookup_key: 'pro_month' } as const;
    const open = async (idempotency_key: string) => {
      one.clock.at += 1_000;
      const request = { ...requestOf('u_1'), idempotency_key };
      return one.stripe.createCheckoutSession(request, { stripe_customer_id, bought, ...pages });
    };
    const [first, second] = [await open('first'), await open('second')];
    expect(await open('first')).toEqual(first);
    const statusOf = async ({ session_id }: typeof first) =>
      (await sdk(one).checkout.sessions.retrieve(session_id)).status;
    expect([await statusOf(first), await statusOf(second)]).toEqual(['expired', 'open']);
  });

  test('creates another customer after one was deleted', async () => {
    const one = await start();
    const first = await one.stripe.ensureCustomer('u_1');
    const second = await one.stripe.ensureCustomer('u_1', [first]);
    expect(second).not.toBe(first);
    expect(await one.stripe.ensureCustomer('u_1', [first])).toBe(second);
  });

  test('opens the portal', async () => {
    const one = await start();
    const stripe_customer_id = await one.stripe.ensureCustomer('u_1');
    const visit = { stripe_customer_id, return_url: 'https://app.example.com/settings' };
    expect(await one.stripe.createPortalSession(requestOf('u_1'), visit)).toMatch(/^http:\/\/127\.0\.0\.1/);
  });

  test('tells a subscription that does not exist from a Stripe that does not answer', async () => {
    const one = await start();
    expect(await one.stripe.fetchSubscription('sub_none')).toBeNull();
    await one.fake.close();
    await expect(one.stripe.fetchSubscription('sub_none')).rejects.toBeInstanceOf(StripeUnavailable);
    fakes = [];
  });

  test('tries again with the same key when Stripe fails for a moment', async () => {
    const one = await start();
    one.fake.setFaults({ fail: 1 });
    await one.stripe.ensureCustomer('u_1');
    expect((await sdk(one).customers.list()).data).toHaveLength(1);
  });

  test('gives up when Stripe keeps failing, and logs codes only', async () => {
    const one = await start();
    one.fake.setFaults({ fail: 100 });
    const failed = one.stripe.ensureCustomer('u_secret');
    await expect(failed).rejects.toBeInstanceOf(StripeUnavailable);
    await expect(failed).rejects.toThrow('Stripe did not answer as expected; try again in a moment');
    expect(log()).toMatchObject([{ message: 'stripe call failed', operation: 'customers.create', status: 500 }]);
    expect(JSON.stringify(log())).not.toMatch(/sk_test|u_secret/);
  });

  test('logs which price is missing', async () => {
    const one = await start({ seed: { products: [] } });
    const stripe_customer_id = await one.stripe.ensureCustomer('u_1');
    const checkout = { stripe_customer_id, bought: { kind: 'plan', lookup_key: 'pro_month' } as const, ...pages };
    await expect(one.stripe.createCheckoutSession(requestOf('u_1'), checkout)).rejects.toBeInstanceOf(
      StripeUnavailable,
    );
    expect(log()).toMatchObject([{ lookup_key: 'pro_month', message: expect.stringContaining('no active price') }]);
  });

  test('lists the refunds of a payment, each with its charge', async () => {
    const one = await start();
    const price = await sdk(one).prices.create({ product: 'prod_plans', currency: 'usd', unit_amount: 900 });
    const session = await sdk(one).checkout.sessions.create({
      mode: 'payment',
      customer: await one.stripe.ensureCustomer('u_1'),
      line_items: [{ price: price.id, quantity: 1 }],
      success_url: pages.success_url,
    });
    await one.fake.paySession(session.id, 'success');
    const { payment_intent } = await sdk(one).checkout.sessions.retrieve(session.id);
    const id = typeof payment_intent === 'string' ? payment_intent : '';
    expect(await one.stripe.fetchRefundsOf(id)).toEqual([]);
    await sdk(one).refunds.create({ payment_intent: id, amount: 300 });
    expect(await one.stripe.fetchRefundsOf(id)).toMatchObject([
      { amount: 300, charge: { payment_intent: id, amount_captured: 900 } },
    ]);
  });

  describe('the lines of a long invoice', () => {
    /** A Stripe whose invoices have so many lines; to send a page takes it so long. */
    function linesOf(count: number, page_ms: number) {
      let now = test_now;
      const all = Array.from({ length: count }, (_, n) => ({ id: `il_${n}`, object: 'line_item' }));
      const answer = async (asked: string | URL | Request) => {
        now += page_ms;
        const query = new URL(new Request(asked).url).searchParams;
        const first = all.findIndex(({ id }) => id === query.get('starting_after')) + 1;
        const data = all.slice(first, first + Number(query.get('limit')));
        return Response.json({ object: 'list', data, has_more: first + data.length < count });
      };
      const http_client = Stripe.createFetchHttpClient(answer);
      const access = { read_api_key: async () => 'sk_test_local', is_production: false, http_client };
      return openStripeGateway(access, () => now).fetchInvoiceLines('in_1');
    }

    test('are read to the last', async () => {
      const lines = await linesOf(2_345, 500);
      expect(lines).toHaveLength(2_345);
      expect(new Set(lines).size).toBe(2_345);
    });

    test('are an error when there is no time for all, and never only some of them', async () => {
      await expect(linesOf(2_345, 1_000)).rejects.toBeInstanceOf(StripeUnavailable);
      expect(log()).toMatchObject([{ operation: 'invoices.listLineItems', error: 'ListTooLong' }]);
    });
  });

  test('reads a price again after five minutes', async () => {
    const one = await start();
    const stripe_customer_id = await one.stripe.ensureCustomer('u_1');
    const checkout = { stripe_customer_id, bought: { kind: 'plan', lookup_key: 'pro_month' } as const, ...pages };
    const amountOf = async () => {
      const { session_id } = await one.stripe.createCheckoutSession(requestOf('u_1'), checkout);
      return (await sdk(one).checkout.sessions.retrieve(session_id)).amount_total;
    };
    expect(await amountOf()).toBe(2_900);
    await sdk(one).prices.create({
      product: 'prod_plans',
      currency: 'usd',
      unit_amount: 3_500,
      recurring: { interval: 'month' },
      lookup_key: 'pro_month',
      transfer_lookup_key: true,
    });
    expect(await amountOf()).toBe(2_900);
    one.clock.at += 5 * 60_000;
    expect(await amountOf()).toBe(3_500);
  });

  test.each([
    ['sk_live_1', false],
    ['rk_live_1', false],
    ['sk_test_1', true],
    ['a placeholder', false],
    ['', true],
  ])('refuses the key %j when production is %s', async (key, is_production) => {
    const gateway = openStripeGateway(
      { read_api_key: async () => key, api_url: 'http://127.0.0.1:1', is_production },
      () => test_now,
    );
    await expect(gateway.fetchSubscription('sub_1')).rejects.toBeInstanceOf(StripeUnavailable);
    expect(log()).toMatchObject([{ error: 'WrongStripeKey' }]);
  });

  test('takes over a key that has been replaced', async () => {
    const one = await start();
    let key = 'a placeholder';
    const access = { read_api_key: async () => key, api_url: one.fake.url, is_production: false };
    const gateway = openStripeGateway(access, () => test_now);
    await expect(gateway.ensureCustomer('u_1')).rejects.toBeInstanceOf(StripeUnavailable);
    key = 'sk_test_local';
    expect(await gateway.ensureCustomer('u_1')).toMatch(/^cus_/);
  });
});
