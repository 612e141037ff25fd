import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkoutApi } from '../../../functions/checkout/api.ts';
import { composeWith } from '../../../functions/composition.ts';
import type { Database } from '../../../shared/store/database.ts';
import { openStripeGateway } from '../../../shared/stripe/gateway.ts';
import { ask, captureLog } from '../../api/events.ts';
import config from '../../billing.config.ts';
import { anyDatabase, freshAccountId, test_now } from '../../engines/engines.ts';
import { type Fault, faultyDatabase } from '../../store/faulty-database.ts';
import { type FakeGateway, startFakeGateway } from '../../stripe/fake.ts';
import { StormyStripe, storms } from '../../stripe/stormy-stripe.ts';

const database = anyDatabase();
let one: FakeGateway;
let stripe: Stripe;
let stormy: StormyStripe;

beforeAll(async () => {
  one = await startFakeGateway();
  stormy = await StormyStripe.start(one.fake.url);
  stripe = new Stripe('sk_test_local', { host: '127.0.0.1', port: one.fake.port, protocol: 'http' });
});
afterAll(async () => {
  database.client.destroy();
  await stormy.close();
  await one.close();
});
beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A process of its own: nothing is remembered from request to request but what is stored. */
function newFunction(own_database: Database = database) {
  const deps = composeWith({ database: own_database, clock: () => test_now });
  const access = { read_api_key: async () => 'sk_test_local', api_url: stormy.url, is_production: false };
  const gateway = openStripeGateway(access, () => test_now);
  return checkoutApi({ ...deps, stripe: gateway, is_production: false, app_url: config.app_url[0] });
}

const checkout = (account_id: string, key: string, handler = newFunction()) =>
  ask(handler, {
    route_key: 'POST /api/billing/checkout',
    claims: { sub: account_id },
    headers: { 'idempotency-key': key },
    body: { plan: 'pro' },
  });

async function objectsOf(account_id: string) {
  const customers = (await stripe.customers.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 })).filter(
    ({ metadata }) => metadata.account_id === account_id,
  );
  const { data: sessions } = await stripe.checkout.sessions.list({ customer: customers[0]?.id ?? '' });
  return { customers: customers.length, sessions: sessions.map(({ id }) => id) };
}

describe('checkout while Stripe fails at one call after the other', () => {
  /** The customer, the price, the session, those that were left open. */
  const calls = [1, 2, 3, 4];
  const passing = storms.filter((storm) => storm !== 'failed_for_good');
  const cases = calls.flatMap((nth) => passing.map((storm) => [nth, storm] as const));

  test.each(cases)('call %i %s: one customer, and one session for one request', async (nth, storm) => {
    const account_id = freshAccountId();
    const key = randomUUID();
    stormy.brew(storm, nth);
    const first = await checkout(account_id, key);
    expect(first).toMatchObject({ status: 502, body: { code: 'stripe_unavailable' } });
    stormy.calm();
    const again = await checkout(account_id, key);
    expect(again.status).toBe(201);
    expect(await objectsOf(account_id)).toEqual({ customers: 1, sessions: [again.body.session_id] });
  });

  test.each([1, 3])(
    'Stripe keeps the failure of call %i for that key: the request goes on under another',
    async (nth) => {
      const account_id = freshAccountId();
      const key = randomUUID();
      stormy.brew('failed_for_good', nth, 1);
      const first = await checkout(account_id, key);
      expect(first.status).toBe(201);
      stormy.calm();
      expect((await checkout(account_id, key)).text).toBe(first.text);
      const session = await stripe.checkout.sessions.retrieve(String(first.body.session_id), { expand: ['customer'] });
      expect(session).toMatchObject({ status: 'open', customer: { metadata: { account_id } } });
    },
  );

  test('a checkout makes these calls and no other', async () => {
    stormy.brew('failed_before', 1_000);
    expect((await checkout(freshAccountId(), randomUUID())).status).toBe(201);
    expect(stormy.requests).toBe(calls.length);
  });

  test('many processes ask at once with one key: one customer, one session', async () => {
    const account_id = freshAccountId();
    const key = randomUUID();
    stormy.brew('failed_after', 1, 12);
    const first = await Promise.all(Array.from({ length: 6 }, () => checkout(account_id, key)));
    expect(first.every(({ status }) => status === 201 || status === 502)).toBe(true);
    stormy.calm();
    const answers = await Promise.all(Array.from({ length: 6 }, () => checkout(account_id, key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(await objectsOf(account_id)).toEqual({ customers: 1, sessions: [answers[0]?.body.session_id] });
  });
});

test('a process killed after any of its database calls: one customer, and one session for one request', async () => {
  const account_id = freshAccountId();
  const key = randomUUID();
  const death = new Error('killed');
  /** Each lives for one call more than the one before, until one has answered. */
  const answerOf = async (calls: number) => {
    const dying = faultyDatabase(database, (call): Fault => {
      if (call < calls) return null;
      return call === calls ? { after: death } : { before: death };
    });
    return checkout(account_id, key, newFunction(dying));
  };
  let calls = 0;
  let answer = await answerOf(calls);
  for (; answer.status !== 201; calls += 1) {
    expect(answer.status).toBe(500);
    answer = await answerOf(calls + 1);
  }
  // The first answer is looked for, the account read and opened, the answer kept.
  expect(calls).toBeGreaterThanOrEqual(3);
  expect(await objectsOf(account_id)).toEqual({ customers: 1, sessions: [answer.body.session_id] });
});
