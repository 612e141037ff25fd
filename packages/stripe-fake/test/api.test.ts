import Stripe from 'stripe';
import { afterEach, expect, test } from 'vitest';
import { decodeForm } from '../src/api/form.ts';
import { type Stage, setStage } from './stage.ts';

const START = '2026-11-15T10:00:00Z';
let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

async function open(options: Parameters<typeof setStage>[1] = {}): Promise<Stage> {
  stage = await setStage(START, { webhook: null, ...options });
  return stage;
}

function post(fake: { url: string }, path: string, body: string, headers: Record<string, string> = {}) {
  const authorization = 'Bearer sk_test_local';
  return fetch(`${fake.url}${path}`, { method: 'POST', body, headers: { authorization, ...headers } });
}

test('a key is needed, and it must be a test key', async () => {
  const { fake } = await open();
  const without = await fetch(`${fake.url}/v1/customers`);
  expect(without.status).toBe(401);
  const live = new Stripe('sk_live_1', { host: '127.0.0.1', port: fake.port, protocol: 'http' });
  await expect(live.customers.list()).rejects.toMatchObject({ type: 'StripeAuthenticationError', statusCode: 401 });
});

test('another API version is refused, because its answers have another shape', async () => {
  const { fake } = await open();
  const old = await post(fake, '/v1/customers', '', { 'stripe-version': '2024-06-20' });
  expect(old.status).toBe(400);
});

test.each([
  ['a missing parameter', 'POST', '/v1/checkout/sessions', 'mode=payment', 400, 'parameter_missing', 'line_items'],
  ['an unknown parameter', 'POST', '/v1/customers', 'emial=a', 400, 'parameter_unknown', 'emial'],
  [
    'a nested unknown parameter',
    'POST',
    '/v1/prices',
    'product_data[x]=a&product_data[name]=b&currency=usd&unit_amount=1',
    400,
    'parameter_unknown',
    'product_data[x]',
  ],
  ['an empty value', 'POST', '/v1/customers', 'email=', 400, 'parameter_invalid_empty', 'email'],
  [
    'text for a number',
    'POST',
    '/v1/prices',
    'product=prod_pro&currency=usd&unit_amount=1.5',
    400,
    'parameter_invalid_integer',
    'unit_amount',
  ],
  ['an unknown choice', 'POST', '/v1/checkout/sessions', 'mode=rent', 400, undefined, 'mode'],
  ['a bad currency', 'POST', '/v1/prices', 'product=prod_pro&currency=gold&unit_amount=1', 400, undefined, 'currency'],
  ['a bad URL', 'POST', '/v1/webhook_endpoints', 'url=nowhere&enabled_events[]=*', 400, 'url_invalid', 'url'],
  ['an unknown object', 'GET', '/v1/customers/cus_nobody', '', 404, 'resource_missing', 'id'],
  [
    'an unknown reference',
    'POST',
    '/v1/billing_portal/sessions',
    'customer=cus_nobody',
    400,
    'resource_missing',
    'customer',
  ],
])('the refusal names %s', async (_, method, path, body, status, code, param) => {
  const { fake } = await open();
  const answer = await fetch(`${fake.url}${path}`, {
    method,
    headers: { authorization: 'Bearer sk_test_local' },
    ...(method === 'POST' ? { body } : {}),
  });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('request-id')).toMatch(/^req_/);
  expect(await answer.json()).toMatchObject({
    error: { type: 'invalid_request_error', param, ...(code === undefined ? {} : { code }) },
  });
});

test('an unknown URL is 404, and no request breaks the server', async () => {
  const { fake } = await open();
  expect((await post(fake, '/v1/nothing', '')).status).toBe(404);
  expect((await post(fake, '/v1/customers/%E0%A4%A', '')).status).toBe(404);
  expect((await post(fake, '/v1/customers', '__proto__[x]=1&metadata[__proto__]=1')).status).toBe(400);
  expect((await post(fake, '/v1/customers', '[]=&[[=1&a[b=2')).status).toBe(400);
  expect((await fetch(`${fake.url}/nowhere`)).status).toBe(404);
});

test('brackets decode to objects and lists', () => {
  expect(decodeForm('a[b][0][c]=1&a[b][1][c]=2&d[]=x&d[]=y&e=%26')).toEqual({
    a: { b: [{ c: '1' }, { c: '2' }] },
    d: ['x', 'y'],
    e: '&',
  });
  expect(Object.getPrototypeOf(decodeForm('__proto__[polluted]=1'))).toBeNull();
});

test('one idempotency key creates one object, and the answer says that it is a replay', async () => {
  const { fake, stripe } = await open();
  const headers = { 'idempotency-key': 'k1' };
  const first = await post(fake, '/v1/customers', 'email=ada@example.com', headers);
  const second = await post(fake, '/v1/customers', 'email=ada@example.com', headers);
  expect(first.headers.get('idempotent-replayed')).toBeNull();
  expect(second.headers.get('idempotent-replayed')).toBe('true');
  expect(await second.text()).toBe(await first.text());
  expect((await stripe.customers.list()).data).toHaveLength(1);
  await expect(stripe.customers.create({ email: 'other@example.com' }, { idempotencyKey: 'k1' })).rejects.toMatchObject(
    { type: 'StripeIdempotencyError', statusCode: 400 },
  );
});

test('a key that is in use is a conflict, which the SDK retries by itself', async () => {
  const { fake } = await open({ latency_ms: 30 });
  const headers = { 'idempotency-key': 'k1' };
  const both = await Promise.all([
    post(fake, '/v1/customers', 'email=ada@example.com', headers),
    post(fake, '/v1/customers', 'email=ada@example.com', headers),
  ]);
  expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]));
  const patient = new Stripe('sk_test_local', { host: '127.0.0.1', port: fake.port, protocol: 'http' });
  const customers = await Promise.all(
    [1, 2].map(() => patient.customers.create({ email: 'b@example.com' }, { idempotencyKey: 'k2' })),
  );
  expect(new Set(customers.map(({ id }) => id)).size).toBe(1);
});

test('a refusal is not remembered, and a key is forgotten after a day', async () => {
  const { stripe, clock } = await open();
  const idempotencyKey = 'k1';
  await expect(stripe.customers.update('cus_nobody', {}, { idempotencyKey })).rejects.toMatchObject({
    statusCode: 404,
  });
  await expect(stripe.customers.update('cus_nobody', {}, { idempotencyKey })).rejects.toMatchObject({
    statusCode: 404,
  });
  const first = await stripe.customers.create({}, { idempotencyKey: 'k2' });
  clock.set(clock.now() + 24 * 3600 * 1000);
  const later = await stripe.customers.create({}, { idempotencyKey: 'k2' });
  expect(later.id).not.toBe(first.id);
});

test('a declined card is remembered under its key', async () => {
  const { stripe } = await open();
  const { id: customer } = await stripe.customers.create({});
  const { id: default_payment_method } = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  const items = [{ price: 'price_pro_month' }];
  const order = { customer, default_payment_method, items, payment_behavior: 'error_if_incomplete' } as const;
  const subscribe = () => stripe.subscriptions.create(order, { idempotencyKey: 'k1' });
  await expect(subscribe()).rejects.toMatchObject({ statusCode: 402, headers: { 'idempotency-key': 'k1' } });
  await expect(subscribe()).rejects.toMatchObject({ statusCode: 402, headers: { 'idempotent-replayed': 'true' } });
});

test('calls that fail have done nothing, and the SDK’s retry succeeds', async () => {
  const { fake, stripe } = await open();
  fake.setFaults({ fail: 2 });
  await expect(stripe.customers.create({})).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
  const patient = new Stripe('sk_test_local', { host: '127.0.0.1', port: fake.port, protocol: 'http' });
  await patient.customers.create({});
  expect((await stripe.customers.list()).data).toHaveLength(1);
});

test('a call over the rate limit has done nothing', async () => {
  const { fake, stripe } = await open();
  fake.setFaults({ rate_limit: 2 });
  for (const call of [() => stripe.customers.create({}), () => stripe.customers.list()]) {
    await expect(call()).rejects.toMatchObject({ type: 'StripeRateLimitError', statusCode: 429, code: 'rate_limit' });
  }
  expect((await stripe.customers.list()).data).toEqual([]);
});

test('a call whose answer is lost has taken effect, and its key gets that answer', async () => {
  const { fake, stripe } = await open();
  fake.setFaults({ fail_after: 2 });
  const create = () => stripe.customers.create({ email: 'ada@example.com' }, { idempotencyKey: 'k1' });
  await expect(create()).rejects.toMatchObject({ statusCode: 500 });
  await expect(create()).rejects.toMatchObject({ statusCode: 500 });
  const customer = await create();
  expect((await stripe.customers.list()).data.map(({ id }) => id)).toEqual([customer.id]);
  expect(customer.lastResponse.headers).toMatchObject({ 'idempotent-replayed': 'true' });
});

test('pages list each object once in both directions', async () => {
  const { stripe } = await open();
  const ids: string[] = [];
  for (let i = 0; i < 25; i += 1) ids.unshift((await stripe.customers.create({ email: `${i % 2}@example.com` })).id);
  const seen: string[] = [];
  for await (const customer of stripe.customers.list({ limit: 7 })) seen.push(customer.id);
  expect(seen).toEqual(ids);
  const page = await stripe.customers.list({ limit: 3, starting_after: String(ids[4]) });
  expect(page).toMatchObject({ object: 'list', has_more: true, url: '/v1/customers' });
  expect(page.data.map(({ id }) => id)).toEqual(ids.slice(5, 8));
  const back = await stripe.customers.list({ limit: 3, ending_before: String(ids[5]) });
  expect(back.data.map(({ id }) => id)).toEqual(ids.slice(2, 5));
  expect(back.has_more).toBe(true);
  const odd = await stripe.customers.list({ email: '1@example.com', limit: 100 });
  expect(odd.data).toHaveLength(12);
  await expect(stripe.customers.list({ starting_after: 'cus_nobody' })).rejects.toMatchObject({ statusCode: 400 });
});

test('prices are found by lookup key, and a key can move to another price', async () => {
  const { stripe } = await open();
  const found = await stripe.prices.list({ lookup_keys: ['pro_month', 'pack_small'], expand: ['data.product'] });
  expect(new Set(found.data.map(({ lookup_key }) => lookup_key))).toEqual(new Set(['pack_small', 'pro_month']));
  const monthly = found.data.find(({ lookup_key }) => lookup_key === 'pro_month');
  expect(monthly).toMatchObject({ recurring: { interval: 'month' }, product: { name: 'Pro' } });
  expect(monthly?.unit_amount_decimal?.toString()).toBe('2000');

  const details = {
    product: 'prod_pro',
    currency: 'usd',
    unit_amount: 2500,
    recurring: { interval: 'month' },
    lookup_key: 'pro_month',
  } as const;
  await expect(stripe.prices.create(details)).rejects.toMatchObject({ statusCode: 400, param: 'lookup_key' });
  const dearer = await stripe.prices.create({ ...details, transfer_lookup_key: true });
  const holders = await stripe.prices.list({ lookup_keys: ['pro_month'] });
  expect(holders.data.map(({ id }) => id)).toEqual([dearer.id]);
});

test('only references expand', async () => {
  const { stripe } = await open();
  const customer = await stripe.customers.create({ email: 'ada@example.com' });
  await expect(stripe.customers.retrieve(customer.id, { expand: ['email'] })).rejects.toMatchObject({
    statusCode: 400,
    message: 'This property cannot be expanded (email).',
  });
  // A reference to nothing stays null.
  const bare = await stripe.customers.retrieve(customer.id, { expand: ['invoice_settings.default_payment_method'] });
  expect(bare).toMatchObject({ invoice_settings: { default_payment_method: null } });
  const expanded = await stripe.customers.retrieve(customer.id, { expand: ['subscriptions'] });
  expect(expanded).toMatchObject({ subscriptions: { object: 'list', data: [] } });
});

test('metadata is merged, a key is removed by an empty value', async () => {
  const { stripe } = await open();
  const { id } = await stripe.customers.create({ metadata: { a: '1', b: '2' } });
  const changed = await stripe.customers.update(id, { metadata: { b: '', c: '3' } });
  expect(changed.metadata).toEqual({ a: '1', c: '3' });
});

test('events are listed by type and by time, for 30 days', async () => {
  const { stripe, clock } = await open();
  await stripe.customers.create({});
  clock.set(Date.parse('2026-11-20T10:00:00Z'));
  const { id } = await stripe.customers.create({});
  await stripe.customers.update(id, { email: 'ada@example.com' });
  const types = async (params: Stripe.EventListParams) =>
    (await stripe.events.list(params)).data.map(({ type }) => type);
  expect(await types({})).toEqual(['customer.updated', 'customer.created', 'customer.created']);
  expect(await types({ types: ['customer.updated', 'invoice.paid'] })).toEqual(['customer.updated']);
  expect(await types({ type: 'customer.*', created: { gte: clock.now() / 1000 } })).toHaveLength(2);
  clock.set(Date.parse('2026-12-16T10:00:00Z'));
  expect(await types({})).toHaveLength(2);
});

test('the account answers a client that checks its key', async () => {
  const { stripe } = await open();
  expect(await stripe.accounts.retrieveCurrent()).toMatchObject({ object: 'account', charges_enabled: true });
});
