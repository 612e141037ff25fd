import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { checkoutApi } from '../../../functions/checkout/api.ts';
import { composeWith } from '../../../functions/composition.ts';
import { decideSubscription } from '../../../shared/domain/billing/decide-subscription.ts';
import type { StripeGateway } from '../../../shared/stripe/gateway.ts';
import { StripeUnavailable } from '../../../shared/stripe/stripe-unavailable.ts';
import { type Asked, ask, captureLog, service_claims } from '../../api/events.ts';
import config from '../../billing.config.ts';
import { anyDatabase, freshAccountId, test_now } from '../../engines/engines.ts';
import { type FakeGateway, startFakeGateway } from '../../stripe/fake.ts';

const database = anyDatabase();
const deps = composeWith({ database, clock: () => test_now });
let one: FakeGateway;

beforeAll(async () => {
  one = await startFakeGateway();
});
afterAll(async () => {
  database.client.destroy();
  await one.close();
});
beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

/**
 * The function over the fake, with what a test puts in the place of its gateway or of the
 * configuration.
 */
function api(
  changes: { stripe?: Partial<StripeGateway>; app_url?: string; config?: typeof config; patience_ms?: number } = {},
) {
  const stripe = { ...one.stripe, ...changes.stripe };
  const app_url = changes.app_url ?? config.app_url[0];
  const patience = changes.patience_ms === undefined ? {} : { patience_ms: changes.patience_ms };
  return checkoutApi({
    ...deps,
    stripe,
    is_production: false,
    app_url,
    config: changes.config ?? config,
    ...patience,
  });
}

const call = (sub: string, route_key: string, asked: Partial<Asked> = {}, handler = api()) =>
  ask(handler, { route_key, claims: { sub }, ...asked });
const keyed = (key: string | undefined) => (key === undefined ? {} : { headers: { 'idempotency-key': key } });
const checkout = (sub: string, body: object, key?: string, handler?: ReturnType<typeof api>) =>
  call(sub, 'POST /api/billing/checkout', { body, ...keyed(key) }, handler);
const portal = (sub: string, body: object = {}, key?: string, handler?: ReturnType<typeof api>) =>
  call(sub, 'POST /api/billing/portal', { body, ...keyed(key) }, handler);
const subscriptionOf = async (sub: string) => (await call(sub, 'GET /api/billing/subscription')).body;

const period_end = Date.parse('2026-12-23T10:00:00.000Z');

async function subscribe(account_id: string, status = 'active', paid = true): Promise<void> {
  const snapshot = {
    stripe_subscription_id: `sub_${account_id}`,
    plan: 'pro',
    interval: 'month',
    status,
    billing_cycle_anchor: test_now,
    current_period_end: period_end,
    cancel_at_period_end: true,
    snapshot_at: test_now,
  } as const;
  const { stripe_subscription_id } = snapshot;
  const facts = { stripe_subscription_id, stripe_customer_id: `cus_${account_id}`, snapshot };
  await deps.accounts.transact(account_id, {
    entry_id: null,
    fingerprint: null,
    decide: decideSubscription({ ...facts, ...(paid ? { paid: [{ from: test_now, through: period_end }] } : {}) }),
  });
}

describe('GET /api/billing/plans', () => {
  test('lists to everybody what the configuration sells', async () => {
    const { status, body } = await ask(api(), { route_key: 'GET /api/billing/plans' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      plans: [
        { id: 'free', monthly_credits: 100, prices: [] },
        {
          id: 'pro',
          name: 'Pro',
          monthly_credits: 1_000,
          features: ['basic_posts', 'analytics', 'advanced_workflows', 'scheduling'],
          prices: [
            { interval: 'month', amount: 2_900, currency: 'usd' },
            { interval: 'year', amount: 29_000, currency: 'usd' },
          ],
        },
        { id: 'pro_plus' },
        { id: 'ultimate', monthly_credits: null, features: ['*'] },
      ],
      packs: [{ id: 'small', name: '500 credits', credits: 500, amount: 1_500, currency: 'usd' }, { id: 'large' }],
    });
  });
});

describe('POST /api/billing/checkout', () => {
  test('answers a page to pay on, and first remembers the customer', async () => {
    const account_id = freshAccountId();
    const { status, body } = await checkout(account_id, { plan: 'pro' });
    expect(status).toBe(201);
    expect((await fetch(String(body.checkout_url))).status).toBe(200);
    const { account } = await deps.accounts.read(account_id);
    expect(account).toMatchObject({ stripe_customer_id: expect.stringMatching(/^cus_/), subscription: null });
    await expect(one.fake.paySession(String(body.session_id), 'success')).resolves.toEqual({ status: 'complete' });
  });

  test('uses the account’s customer', async () => {
    const account_id = freshAccountId();
    const ensureCustomer = vi.fn((id: string) => one.stripe.ensureCustomer(id));
    const handler = api({ stripe: { ensureCustomer } });
    await checkout(account_id, { plan: 'pro' }, undefined, handler);
    await checkout(account_id, { plan: 'ultimate', interval: 'year' }, undefined, handler);
    expect(ensureCustomer).toHaveBeenCalledTimes(1);
  });

  test('repeats the first answer byte for byte, even if the account has subscribed meanwhile', async () => {
    const account_id = freshAccountId();
    const key = randomUUID();
    const first = await checkout(account_id, { plan: 'pro' }, key);
    await subscribe(account_id);
    const again = await checkout(account_id, { interval: 'month', plan: 'pro' }, key);
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect(first.headers).not.toHaveProperty('idempotency-replayed');
    expect(again.headers).toHaveProperty('idempotency-replayed', 'true');
  });

  test('many times at once with one key opens one session', async () => {
    const account_id = freshAccountId();
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => checkout(account_id, { plan: 'pro' }, key, api())),
    );
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => !('idempotency-replayed' in headers))).toHaveLength(1);
  });

  test('refuses a key that was used for another request; another account may use it', async () => {
    const key = randomUUID();
    const account_id = freshAccountId();
    await checkout(account_id, { plan: 'pro' }, key);
    const reused = await checkout(account_id, { plan: 'pro', interval: 'year' }, key);
    expect(reused).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect((await checkout(freshAccountId(), { plan: 'pro', interval: 'year' }, key)).status).toBe(201);
  });

  test('does not keep a refusal: the same key succeeds later', async () => {
    const key = randomUUID();
    const account_id = freshAccountId();
    const down = api({ stripe: { createCheckoutSession: () => Promise.reject(new StripeUnavailable()) } });
    const refused = await checkout(account_id, { plan: 'pro' }, key, down);
    expect(refused).toMatchObject({ status: 502, body: { code: 'stripe_unavailable' } });
    expect((await checkout(account_id, { plan: 'pro' }, key)).status).toBe(201);
  });

  test('says so when Stripe does not answer in time; the same key succeeds later', async () => {
    const key = randomUUID();
    const account_id = freshAccountId();
    const silent = { createCheckoutSession: () => new Promise<never>(() => {}) };
    const given_up = await checkout(account_id, { plan: 'pro' }, key, api({ stripe: silent, patience_ms: 1 }));
    expect(given_up).toMatchObject({ status: 502, body: { code: 'stripe_unavailable' } });
    expect((await checkout(account_id, { plan: 'pro' }, key)).status).toBe(201);
  });

  test('works for a service on a named account', async () => {
    const account_id = freshAccountId();
    const { status } = await ask(api(), {
      route_key: 'POST /api/accounts/{account_id}/billing/checkout',
      path: { account_id },
      claims: service_claims,
      body: { plan: 'pro_plus' },
    });
    expect(status).toBe(201);
  });

  test('by a service under the key of a user is another request', async () => {
    const account_id = freshAccountId();
    const of_user = await checkout(account_id, { plan: 'pro' }, 'k');
    const of_service = await ask(api(), {
      route_key: 'POST /api/accounts/{account_id}/billing/checkout',
      path: { account_id },
      claims: service_claims,
      body: { plan: 'pro_plus' },
      ...keyed('k'),
    });
    expect(of_service.status).toBe(201);
    expect(of_service.body.session_id).not.toBe(of_user.body.session_id);
  });

  test.each([
    ['gold', 404, 'unknown_plan'],
    ['__proto__', 404, 'unknown_plan'],
    ['constructor', 404, 'unknown_plan'],
    ['free', 422, 'plan_not_for_sale'],
  ])('refuses the plan %s: %s %s', async (plan, status, code) => {
    expect(await checkout(freshAccountId(), { plan })).toMatchObject({ status, body: { code } });
  });

  test('refuses an interval without a price', async () => {
    const { pro, ...plans } = config.plans;
    if (pro === undefined) throw new Error('the example configuration has a plan pro');
    const monthly = { ...config, plans: { ...plans, pro: { ...pro, prices: { month: 2_900 } } } };
    const refused = await checkout(
      freshAccountId(),
      { plan: 'pro', interval: 'year' },
      undefined,
      api({ config: monthly }),
    );
    expect(refused).toMatchObject({ status: 422, body: { code: 'plan_not_for_sale' } });
  });

  test.each([
    ['active', true, 409],
    ['trialing', true, 409],
    ['past_due', true, 409],
    ['active', false, 409],
    ['incomplete', false, 201],
    ['canceled', true, 201],
  ])('with a subscription that is %s, paid: %s, answers %s', async (state, paid, status) => {
    const account_id = freshAccountId();
    await checkout(account_id, { plan: 'pro' });
    await subscribe(account_id, state, paid);
    const answer = await checkout(account_id, { plan: 'pro_plus' });
    expect(answer.status).toBe(status);
    if (status === 409) expect(answer.body.code).toBe('already_subscribed');
  });

  test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '', 'x', '/a b'])(
    'refuses the path %j',
    async (path) => {
      for (const body of [{ success_path: path }, { cancel_path: path }]) {
        const answer = await checkout(freshAccountId(), { plan: 'pro', ...body });
        expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
      }
    },
  );

  test('sends customers back to URLs below the app’s URL only', async () => {
    const createCheckoutSession = vi.fn((...asked: Parameters<StripeGateway['createCheckoutSession']>) =>
      one.stripe.createCheckoutSession(...asked),
    );
    const handler = api({ stripe: { createCheckoutSession }, app_url: 'https://example.com/app/' });
    const paid = { plan: 'pro', success_path: '/ok/é?s={CHECKOUT_SESSION_ID}#{CHECKOUT_SESSION_ID}' };
    expect((await checkout(freshAccountId(), paid, undefined, handler)).status).toBe(201);
    expect(createCheckoutSession.mock.calls[0]?.[1]).toMatchObject({
      success_url: 'https://example.com/app/ok/%C3%A9?s={CHECKOUT_SESSION_ID}#{CHECKOUT_SESSION_ID}',
      cancel_url: 'https://example.com/app/settings/billing?canceled=true',
    });
    for (const success_path of ['/..', '/../admin', '/%2e%2e/admin', '/x/../../admin']) {
      const answer = await checkout(freshAccountId(), { plan: 'pro', success_path }, undefined, handler);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'body.success_path' }] } });
    }
  });
});

describe('POST /api/billing/portal', () => {
  test('is refused before the first checkout', async () => {
    expect(await portal(freshAccountId())).toMatchObject({ status: 409, body: { code: 'no_customer' } });
  });

  test('answers the URL of a portal session, the same for the same key', async () => {
    const account_id = freshAccountId();
    await checkout(account_id, { plan: 'pro' });
    const key = randomUUID();
    const first = await portal(account_id, { return_path: '/back' }, key);
    const again = await portal(account_id, { return_path: '/back' }, key);
    expect(first.status).toBe(201);
    expect(again).toMatchObject({ status: 201, text: first.text });
    expect(await portal(account_id, { return_path: '/elsewhere' }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  test('says so when Stripe does not answer', async () => {
    const account_id = freshAccountId();
    await checkout(account_id, { plan: 'pro' });
    const down = api({ stripe: { createPortalSession: () => Promise.reject(new StripeUnavailable()) } });
    const answer = await portal(account_id, {}, undefined, down);
    expect(answer).toMatchObject({ status: 502, body: { code: 'stripe_unavailable' } });
  });
});

describe('GET /api/billing/subscription', () => {
  const none = { interval: null, current_period_end: null, cancel_at_period_end: false };

  test('of a new account is the free plan without a subscription', async () => {
    const account_id = freshAccountId();
    expect(await subscriptionOf(account_id)).toEqual({
      ...none,
      account_id,
      plan: 'free',
      status: 'active',
      stripe_customer_id: null,
      stripe_subscription_id: null,
    });
  });

  test.each([
    ['active', true, 'pro', true],
    ['past_due', true, 'pro', true],
    ['incomplete', false, 'free', true],
    ['canceled', true, 'free', false],
  ])('that is %s, paid: %s, shows the plan %s', async (status, paid, plan, is_running) => {
    const account_id = freshAccountId();
    await subscribe(account_id, status, paid);
    expect(await subscriptionOf(account_id)).toEqual({
      account_id,
      plan,
      status,
      ...(is_running
        ? { interval: 'month', current_period_end: '2026-12-23T10:00:00.000Z', cancel_at_period_end: true }
        : none),
      stripe_customer_id: `cus_${account_id}`,
      stripe_subscription_id: `sub_${account_id}`,
    });
  });
});

test('the deployed function names the variables it lacks', async () => {
  await expect(import('../../../functions/checkout/index.ts')).rejects.toThrow('ACCOUNTS_TABLE is not set');
});
