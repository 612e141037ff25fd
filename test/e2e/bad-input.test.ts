import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client, freshUser } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

let system: DevSystem;
let client: Client;
let user: string;
let token: string;
let service: string;
let deduct: string;

beforeAll(async () => {
  system = await startDevSystem();
  client = new Client(system);
  user = freshUser();
  token = await client.token(user);
  service = await client.serviceToken();
  deduct = `/api/accounts/${user}/credits/deduct`;
});

afterAll(async () => {
  await system.stop();
});

const good = { amount: 1, description: 'x' };

describe('a bad deduction', () => {
  test.each([
    ['amount 0', { ...good, amount: 0 }, 'body.amount'],
    ['amount -1', { ...good, amount: -1 }, 'body.amount'],
    ['amount 1.5', { ...good, amount: 1.5 }, 'body.amount'],
    ['amount 2^53', { ...good, amount: 2 ** 53 }, 'body.amount'],
    ['amount 1e38', { ...good, amount: 1e38 }, 'body.amount'],
    ['amount "1e3"', { ...good, amount: '1e3' }, 'body.amount'],
    ['amount null', { ...good, amount: null }, 'body.amount'],
    ['no amount', { description: 'x' }, 'body.amount'],
    ['no description', { amount: 1 }, 'body.description'],
    ['an empty description', { ...good, description: '' }, 'body.description'],
    ['a description of 501 characters', { ...good, description: 'x'.repeat(501) }, 'body.description'],
    ['a feature with spaces', { ...good, feature: 'a b' }, 'body.feature'],
    ['an unknown field', { ...good, currency: 'usd' }, 'body.currency'],
  ])('with %s is a 400 that names the field', async (_, body, path) => {
    const answer = await client.post(deduct, body, service);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(answer.body.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{amount: 1}'],
    ['half a body', '{"amount": 1, "descr'],
    ['an array', '[1]'],
    ['a number', '1'],
    ['null', 'null'],
    ['NaN', '{"amount": NaN, "description": "x"}'],
    ['prototype keys', '{"__proto__": {"amount": 1}, "constructor": 1, "amount": 1, "description": "x"}'],
    ['very deep JSON', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ])('that is %s is a 400', async (_, raw_body) => {
    const answer = await client.call('POST', deduct, { token: service, raw_body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test('of bytes that are no text is a 400', async () => {
    const raw_body = new Uint8Array([0xff, 0xfe, 0x00, 0x80]);
    expect((await client.call('POST', deduct, { token: service, raw_body })).status).toBe(400);
  });

  test('over 64 KiB is a 413', async () => {
    const body = { ...good, description: 'x'.repeat(65 * 1024) };
    expect(await client.post(deduct, body, service)).toMatchObject({
      status: 413,
      body: { code: 'payload_too_large' },
    });
  });

  test.each([
    ['empty', ''],
    ['256 characters', 'k'.repeat(256)],
    ['with a tab', 'a\tb'],
    ['not ASCII', 'schlüssel'],
  ])('with an Idempotency-Key that is %s is a 400', async (_, key) => {
    const answer = await client.post(deduct, good, service, { 'idempotency-key': key });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });
});

describe('a bad query', () => {
  test.each([
    '/api/credits/check',
    '/api/credits/check?amount=',
    '/api/credits/check?amount=0',
    '/api/credits/check?amount=1e3',
    '/api/credits/check?amount=1.5',
    '/api/credits/check?amount=-1',
    '/api/credits/check?amount=1&amount=2',
    '/api/credits/check?amount=9007199254740992',
    '/api/credits/check?amount=1&currency=usd',
    '/api/credits/transactions?limit=0',
    '/api/credits/transactions?limit=101',
    '/api/credits/transactions?limit=ten',
    '/api/credits/transactions?cursor=nonsense',
    '/api/credits/transactions?type=gift',
    '/api/usage?from=yesterday',
    '/api/usage?from=2026-02-30',
    '/api/usage?from=2026-02-02&to=2026-01-01',
    '/api/usage?from=2020-01-01&to=2026-01-01',
    '/api/features/UPPER%20CASE',
    '/api/credits/check?amount=%E0%A4%A',
  ])('%s is a 400', async (path) => {
    expect(await client.get(path, token)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });
});

describe('a bad checkout', () => {
  test.each([
    ['an unknown plan', { plan: 'gold' }, 404, 'unknown_plan'],
    ['a prototype property for a plan', { plan: 'constructor' }, 404, 'unknown_plan'],
    ['the free plan', { plan: 'free' }, 422, 'plan_not_for_sale'],
    ['no plan', {}, 400, 'validation_failed'],
    ['an unknown interval', { plan: 'pro', interval: 'week' }, 400, 'validation_failed'],
    ['a success URL', { plan: 'pro', success_path: 'https://evil.example/' }, 400, 'validation_failed'],
    ['a path of another host', { plan: 'pro', success_path: '//evil.example' }, 400, 'validation_failed'],
    ['a path with a backslash', { plan: 'pro', cancel_path: '/\\evil.example' }, 400, 'validation_failed'],
    ['a path that leaves the app', { plan: 'pro', cancel_path: '/../../evil' }, 400, 'validation_failed'],
  ])('with %s (%j) is a %i: %s', async (_, body, status, code) => {
    expect(await client.post('/api/billing/checkout', body, token)).toMatchObject({ status, body: { code } });
  });

  test('or a portal before the first checkout is a 409', async () => {
    expect(await client.post('/api/billing/portal', {}, await client.token(freshUser()))).toMatchObject({
      status: 409,
      body: { code: 'no_customer' },
    });
  });
});

describe('a bad Stripe webhook', () => {
  const event = JSON.stringify({ id: 'evt_x', object: 'event', type: 'invoice.paid', data: { object: {} } });
  const sign = (secret: string, timestamp: number) =>
    Stripe.webhooks.generateTestHeaderStringAsync({ payload: event, secret, timestamp });
  const now_s = async () => Math.floor(Date.parse(await client.now()) / 1000);

  test.each<[string, string, () => Promise<Record<string, string>>]>([
    ['no signature', event, async () => ({})],
    ['an empty body', '', async () => ({ 'stripe-signature': await sign('whsec_wrong', await now_s()) })],
    ['another secret', event, async () => ({ 'stripe-signature': await sign('whsec_wrong', await now_s()) })],
    ['a signature that is none', event, async () => ({ 'stripe-signature': 'v1' })],
    ['an empty signature', event, async () => ({ 'stripe-signature': 't=1,v1=' })],
    ['nothing but names', event, async () => ({ 'stripe-signature': 't=,v1=' })],
  ])('with %s answers 400 and puts nothing on the queue', async (_, raw_body, headers) => {
    const answer = await client.call('POST', '/api/webhooks/stripe', { raw_body, headers: await headers() });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_signature' } });
    await client.idle();
    for (const counts of Object.values((await client.get('/_local/queues')).body)) {
      expect(counts).toEqual({ waiting: 0, in_flight: 0, dead: 0 });
    }
  });
});

describe('an unknown place', () => {
  test.each([
    ['GET', '/api/nothing'],
    ['DELETE', '/api/credits'],
    ['GET', '/api/credits/transactions/'],
  ])('%s %s is a 404', async (method, path) => {
    expect((await client.call(method, path, { token })).status).toBe(404);
  });

  test('a transaction that does not exist is a 404', async () => {
    expect(await client.get('/api/credits/transactions/use%3Anothing', token)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });

  test.each(['%00', '%0A', 'x'.repeat(129)])('an account named %s is a 400', async (account_id) => {
    expect(await client.get(`/api/accounts/${account_id}/credits`, service)).toMatchObject({ status: 400 });
  });

  test.each(['.', '..'])('a user called %s has no account: its path would mean something else', async (name) => {
    const answer = await client.get('/api/credits', await client.token(name));
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test.each(['__proto__', 'constructor', 'a%2Fb', 'auth0%7C1', '%F0%9F%92%B3'])(
    'an account named %s is a valid account',
    async (id) => {
      const answer = await client.get(`/api/accounts/${id}/credits`, service);
      expect(answer).toMatchObject({
        status: 200,
        body: { account_id: decodeURIComponent(id), available_credits: 100 },
      });
    },
  );
});

test('the account is unchanged after all this', async () => {
  expect((await client.get('/api/credits', token)).body).toMatchObject({ available_credits: 100 });
  expect((await client.get(`/api/accounts/${user}/verify`, service)).body).toMatchObject({ ok: true });
});
