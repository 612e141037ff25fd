import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { accessApi } from '../../../functions/access/api.ts';
import { composeWith, type Deps } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { decideSubscription } from '../../../shared/domain/billing/decide-subscription.ts';
import { day_ms, utcDay } from '../../../shared/domain/units.ts';
import { type Asked, ask, captureLog, service_claims } from '../../api/events.ts';
import { anyDatabase, freshAccountId, test_now } from '../../engines/engines.ts';

const database = anyDatabase();
const depsAt = (now: number): Deps => composeWith({ database, clock: () => now });
const deps = depsAt(test_now);
const handler = accessApi(deps);
const today = utcDay(test_now);

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => database.client.destroy());

const call = (sub: string, route_key: string, asked: Partial<Asked> = {}, by = handler) =>
  ask(by, { route_key, claims: { sub }, ...asked });
const featureOf = (sub: string, feature: string, by = handler) =>
  call(sub, 'GET /api/features/{feature}', { path: { feature } }, by);
/** Counts a use, as the app's backend does. */
const use = (account_id: string, body: object, key?: string, by = handler) =>
  ask(by, {
    route_key: 'POST /api/accounts/{account_id}/usage',
    path: { account_id },
    claims: service_claims,
    body,
    ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
  });
const usage = (sub: string, query = '') => call(sub, 'GET /api/usage', { query });

/** As after the first paid invoice of a subscription. */
async function subscribe(account_id: string, plan: string): Promise<void> {
  const current_period_end = Date.parse('2026-12-23T10:00:00.000Z');
  const facts = {
    stripe_subscription_id: `sub_${account_id}`,
    stripe_customer_id: `cus_${account_id}`,
    paid: [{ from: test_now, through: current_period_end }],
    snapshot: {
      stripe_subscription_id: `sub_${account_id}`,
      plan,
      interval: 'month' as const,
      status: 'active',
      billing_cycle_anchor: test_now,
      current_period_end,
      cancel_at_period_end: false,
      snapshot_at: test_now,
    },
  };
  await deps.accounts.transact(account_id, {
    entry_id: null,
    fingerprint: null,
    decide: decideSubscription(facts),
  });
}

describe('GET the features', () => {
  test('of a free account: those of the free plan', async () => {
    expect((await call(freshAccountId(), 'GET /api/features')).body).toEqual({
      plan: 'free',
      status: 'active',
      all: false,
      features: ['basic_posts', 'analytics'],
    });
  });

  test('of a plan with all features: every feature that has a name', async () => {
    const user = freshAccountId();
    await subscribe(user, 'ultimate');
    const { body } = await call(user, 'GET /api/features');
    expect(body).toMatchObject({ plan: 'ultimate', all: true });
    expect(body.features).toEqual([
      'basic_posts',
      'analytics',
      'advanced_workflows',
      'scheduling',
      'ads',
      'priority_support',
    ]);
    expect((await featureOf(user, 'not_invented_yet')).status).toBe(200);
  });

  test('open with the plan and close when the payment grace is over', async () => {
    const user = freshAccountId();
    expect(await featureOf(user, 'advanced_workflows')).toMatchObject({
      status: 403,
      body: {
        code: 'feature_not_in_plan',
        detail: 'Upgrade to access advanced_workflows',
        required_plans: ['pro', 'pro_plus', 'ultimate'],
      },
    });
    await subscribe(user, 'pro');
    expect((await featureOf(user, 'advanced_workflows')).body).toEqual({
      feature: 'advanced_workflows',
      allowed: true,
    });
    const at = (iso: string) => accessApi(depsAt(Date.parse(iso)));
    expect((await featureOf(user, 'advanced_workflows', at('2026-12-30T09:59:59Z'))).status).toBe(200);
    expect((await featureOf(user, 'advanced_workflows', at('2026-12-30T10:00:00Z'))).status).toBe(403);
  });

  test.each(['UPPER', 'a b', '', 'x'.repeat(65), '__proto__'])('%j is no name of a feature: 400', async (feature) => {
    expect(await featureOf(freshAccountId(), feature)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'path.feature' }] },
    });
  });

  test('a service gets them by account', async () => {
    const account_id = freshAccountId();
    const route_key = 'GET /api/accounts/{account_id}/features/{feature}';
    const path = { account_id, feature: 'analytics' };
    expect((await ask(handler, { route_key, path, claims: service_claims })).status).toBe(200);
    expect((await ask(handler, { route_key, path, claims: { sub: account_id } })).status).toBe(403);
  });
});

describe('POST a use of a feature', () => {
  test('counts per day, once per key', async () => {
    const user = freshAccountId();
    const first = await use(user, { feature: 'ads', count: 2 }, 'k1');
    expect(first).toMatchObject({ status: 201, body: { feature: 'ads', date: today, count: 2 } });
    expect((await use(user, { feature: 'ads' })).body.count).toBe(3);
    const again = await use(user, { feature: 'ads', count: 2 }, 'k1');
    expect(again.text).toBe(first.text);
    expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true' });
    expect(await use(user, { feature: 'ads', count: 3 }, 'k1')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect((await usage(user)).body.totals).toEqual([{ feature: 'ads', count: 3, credits: 0 }]);
  });

  test('opens a new account', async () => {
    const user = freshAccountId();
    await use(user, { feature: 'ads' });
    const month_later = creditsApi(depsAt(test_now + 10 * day_ms));
    const { body } = await call(user, 'GET /api/credits', {}, month_later);
    expect(body.reset_date).toBe('2026-12-23T10:00:00.000Z');
  });
});

describe('GET the usage', () => {
  test('lists days and features with totals, and the credits of deductions', async () => {
    const user = freshAccountId();
    const yesterday = accessApi(depsAt(test_now - day_ms));
    await use(user, { feature: 'ads', count: 5 }, undefined, yesterday);
    await use(user, { feature: 'ads' });
    const body = { amount: 7, description: 'x', feature: 'analytics' };
    const route_key = 'POST /api/accounts/{account_id}/credits/deduct';
    await ask(creditsApi(deps), { route_key, path: { account_id: user }, claims: service_claims, body });
    expect((await usage(user)).body).toEqual({
      data: [
        { date: '2026-11-22', feature: 'ads', count: 5, credits: 0 },
        { date: today, feature: 'ads', count: 1, credits: 0 },
        { date: today, feature: 'analytics', count: 1, credits: 7 },
      ],
      totals: [
        { feature: 'ads', count: 6, credits: 0 },
        { feature: 'analytics', count: 1, credits: 7 },
      ],
      next_cursor: null,
    });
    expect((await usage(user, `from=${today}&feature=ads`)).body.totals).toEqual([
      { feature: 'ads', count: 1, credits: 0 },
    ]);
    expect((await usage(user, 'to=2026-11-22')).body.totals).toEqual([{ feature: 'ads', count: 5, credits: 0 }]);
  });

  test('covers the last 30 days by default', async () => {
    const user = freshAccountId();
    for (const days of [30, 29]) {
      await use(user, { feature: `days_${days}` }, undefined, accessApi(depsAt(test_now - days * day_ms)));
    }
    expect((await usage(user)).body.totals).toMatchObject([{ feature: 'days_29' }]);
  });

  test.each([
    ['from=2025-11-23&to=2026-11-23', 200],
    ['from=2025-11-22&to=2026-11-23', 400],
    ['from=2026-11-23&to=2026-11-23', 200],
    ['from=2026-11-24&to=2026-11-23', 400],
    ['from=2026-11-24', 400],
    ['from=2026-02-30', 400],
    ['from=2026-1-1', 400],
    ['from=2026-11-01T00:00:00Z', 400],
    ['from=0000-01-01', 400],
    ['to=9999-12-31', 200],
    ['to=0000-01-01', 200],
  ])('for %s is %i', async (query, status) => {
    expect((await usage(freshAccountId(), query)).status).toBe(status);
  });
});

test('health and OpenAPI document need no token', async () => {
  const ask_public = (route_key: string) => ask(handler, { route_key });
  expect((await ask_public('GET /api/health')).body).toEqual({ status: 'ok' });
  const { body } = await ask_public('GET /api/openapi.json');
  expect(body.openapi).toBe('3.1.1');
  expect(body.paths).toHaveProperty(['/api/credits/deduct', 'post']);
});
