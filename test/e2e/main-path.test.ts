import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transactions_answer } from '../../shared/api/credits-answers.ts';
import { Client, freshUser } from './client.ts';
import { type DevSystem, startDevSystem, stripeOf } from './dev-system.ts';

let system: DevSystem;
let client: Client;
let service: string;

beforeAll(async () => {
  system = await startDevSystem();
  client = new Client(system);
  service = await client.serviceToken();
});

afterAll(async () => {
  await system.stop();
});

/** Spends as the app's backend does. */
const deduct = (account_id: string, body: object, headers: Record<string, string> = {}) =>
  client.post(`/api/accounts/${account_id}/credits/deduct`, body, service, headers);
const verified = async (account_id: string) => (await client.get(`/api/accounts/${account_id}/verify`, service)).body;
const typesOf = async (token: string): Promise<string[]> => {
  const { body } = await client.get('/api/credits/transactions?limit=100', token);
  const { data } = transactions_answer.parse(body);
  return data.map((transaction) => transaction.transaction_type).toReversed();
};

describe('a free user', () => {
  test('has 100 credits, spends them once per key, and gets 402 when they are short', async () => {
    const user = freshUser();
    const token = await client.token(user);
    expect((await client.get('/api/credits', token)).body).toMatchObject({
      account_id: user,
      plan: 'free',
      status: 'active',
      unlimited: false,
      monthly_credits: 100,
      used_credits: 0,
      bonus_credits: 0,
      held_credits: 0,
      available_credits: 100,
    });
    const key = { 'idempotency-key': randomUUID() };
    const body = { amount: 30, description: 'Draft an article', feature: 'basic_posts' };
    const first = await deduct(user, body, key);
    expect(first).toMatchObject({ status: 200, body: { amount: -30, balance_after: 70, transaction_type: 'usage' } });
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    const again = await deduct(user, body, key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await deduct(user, { ...body, amount: 31 }, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect((await client.get('/api/credits/check?amount=71', token)).body).toEqual({
      allowed: false,
      required: 71,
      available_credits: 70,
    });
    const short = await deduct(user, { amount: 71, description: 'x' });
    expect(short).toMatchObject({
      status: 402,
      body: { code: 'insufficient_credits', required: 71, available_credits: 70 },
    });
    expect(short.headers.get('content-type')).toContain('application/problem+json');
    const one = await client.get(`/api/credits/transactions/${encodeURIComponent(String(first.body.entry_id))}`, token);
    expect(one.body).toEqual(first.body);
    expect((await client.get('/api/usage', token)).body.totals).toEqual([
      { feature: 'basic_posts', count: 1, credits: 30 },
    ]);
  });

  test('gets 403 for a feature of another plan, with the plans that have it', async () => {
    const token = await client.token(freshUser());
    expect(await client.get('/api/features/analytics', token)).toMatchObject({ status: 200, body: { allowed: true } });
    expect(await client.get('/api/features/advanced_workflows', token)).toMatchObject({
      status: 403,
      body: {
        code: 'feature_not_in_plan',
        detail: 'Upgrade to access advanced_workflows',
        required_plans: ['pro', 'pro_plus', 'ultimate'],
      },
    });
  });

  test('sends 200 requests at once and spends exactly what there is', async () => {
    const user = freshUser();
    const answers = await Promise.all(Array.from({ length: 200 }, () => deduct(user, { amount: 1, description: 'x' })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(100);
    expect(await verified(user)).toEqual({ ok: true, entries: 101, balance: 0, problems: [] });
  });

  test('sends one key 50 times at once and gets one answer', async () => {
    const user = freshUser();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => deduct(user, { amount: 3, description: 'x' }, { 'idempotency-key': 'the one' })),
    );
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
  });

  test('counts uses of features, once per key', async () => {
    const user = freshUser();
    const token = await client.token(user);
    const path = `/api/accounts/${user}/usage`;
    const key = { 'idempotency-key': 'u1' };
    const first = await client.post(path, { feature: 'analytics', count: 2 }, service, key);
    expect(first).toMatchObject({ status: 201, body: { feature: 'analytics', count: 2 } });
    await client.post(path, { feature: 'analytics' }, service);
    const again = await client.post(path, { feature: 'analytics', count: 2 }, service, key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await client.get('/api/usage?feature=analytics', token)).body.totals).toEqual([
      { feature: 'analytics', count: 3, credits: 0 },
    ]);
  });
});

describe('a customer', () => {
  test.each([
    ['in order, once each', {}],
    ['three times each and shuffled', { duplicate: 2, reorder: true }],
  ])('buys pro, spends, and has a fresh allowance a month later; events come %s', async (_, faults) => {
    const user = freshUser();
    const bystander = freshUser();
    const token = await client.token(user);
    const free_token = await client.token(bystander);
    await deduct(bystander, { amount: 40, description: 'x' });
    await client.post('/_local/stripe/faults', { duplicate: 0, reorder: false, ...faults });

    const checkout = await client.post('/api/billing/checkout', { plan: 'pro' }, token, { 'idempotency-key': 'buy' });
    expect(checkout.status).toBe(201);
    expect(
      (await client.post('/api/billing/checkout', { plan: 'pro' }, token, { 'idempotency-key': 'buy' })).text,
    ).toBe(checkout.text);
    const { session_id } = checkout.body;
    expect((await client.post(`/_local/stripe/sessions/${String(session_id)}/pay`, { card: 'success' })).status).toBe(
      200,
    );
    await client.idle();

    expect((await client.get('/api/credits', token)).body).toMatchObject({
      plan: 'pro',
      status: 'active',
      monthly_credits: 1000,
      available_credits: 1000,
    });
    const { body: subscription } = await client.get('/api/billing/subscription', token);
    expect(subscription).toMatchObject({
      account_id: user,
      plan: 'pro',
      status: 'active',
      interval: 'month',
      cancel_at_period_end: false,
    });
    expect(subscription.stripe_customer_id).toMatch(/^cus_/);
    expect((await client.get('/api/features/advanced_workflows', token)).status).toBe(200);
    expect(await client.post('/api/billing/checkout', { plan: 'pro_plus' }, token)).toMatchObject({
      status: 409,
      body: { code: 'already_subscribed' },
    });
    const portal = await client.post('/api/billing/portal', {}, token);
    expect(portal.status).toBe(201);
    expect((await fetch(String(portal.body.portal_url))).status).toBe(200);

    await deduct(user, { amount: 250, description: 'x' });
    await client.advance('P1M');
    await client.advance('PT2H');

    expect((await client.get('/api/credits', token)).body).toMatchObject({
      plan: 'pro',
      used_credits: 0,
      available_credits: 1000,
    });
    expect(await typesOf(token)).toEqual(['reset', 'plan_change', 'plan_change', 'usage', 'expire', 'reset']);
    expect(await typesOf(free_token)).toEqual(['reset', 'usage', 'expire', 'reset']);
    expect(await verified(user)).toMatchObject({ ok: true, balance: 1000 });
    expect(await verified(bystander)).toMatchObject({ ok: true, balance: 100 });
    await client.post('/_local/stripe/faults', { duplicate: 0, reorder: false });
  });

  test('whose card is declined stays on the free plan and can try again', async () => {
    const token = await client.token(freshUser());
    const { body } = await client.post('/api/billing/checkout', { plan: 'pro' }, token);
    await client.post(`/_local/stripe/sessions/${String(body.session_id)}/pay`, { card: 'decline' });
    await client.idle();
    expect((await client.get('/api/credits', token)).body).toMatchObject({ plan: 'free', available_credits: 100 });
    await client.post(`/_local/stripe/sessions/${String(body.session_id)}/pay`, { card: 'success' });
    await client.idle();
    expect((await client.get('/api/credits', token)).body).toMatchObject({ plan: 'pro', available_credits: 1000 });
  });

  test('on an unlimited plan spends without end, and each spend is in the ledger', async () => {
    const user = freshUser();
    const token = await client.token(user);
    await client.buy('ultimate', token);
    const spent = await deduct(user, { amount: 1_000_000, description: 'x' });
    expect(spent).toMatchObject({
      status: 200,
      body: { amount: 0, covered_by: 'unlimited', covered_credits: 1_000_000 },
    });
    expect((await client.get('/api/credits', token)).body).toMatchObject({
      unlimited: true,
      monthly_credits: null,
      available_credits: null,
      used_credits: 1_000_000,
    });
    expect((await client.get('/api/features/anything_new', token)).status).toBe(200);
    expect(await verified(user)).toMatchObject({ ok: true });
  });

  test('whose renewal is declined keeps the old credits for the grace, and gets one new period once it is paid', async () => {
    const user = freshUser();
    const token = await client.token(user);
    await client.buy('pro', token);
    await deduct(user, { amount: 100, description: 'x' });
    const { body: subscription } = await client.get('/api/billing/subscription', token);
    const card = `/_local/stripe/customers/${String(subscription.stripe_customer_id)}/card`;
    await client.post(card, { card: 'decline' });
    await client.advance('P1M');
    await client.advance('P1D');
    expect((await client.get('/api/credits', token)).body).toMatchObject({
      status: 'past_due',
      available_credits: 900,
    });
    await client.post(card, { card: 'success' });
    await client.advance('P8D');
    expect((await client.get('/api/credits', token)).body).toMatchObject({
      status: 'active',
      plan: 'pro',
      available_credits: 1000,
    });
    expect((await typesOf(token)).filter((type) => type === 'reset')).toHaveLength(2);
    expect(await verified(user)).toMatchObject({ ok: true });
  });

  test('who cancels at the end of the period gets a fresh free period then', async () => {
    const user = freshUser();
    const token = await client.token(user);
    await client.buy('pro', token);
    const { body: before } = await client.get('/api/billing/subscription', token);
    await stripeOf(system).subscriptions.update(String(before.stripe_subscription_id), { cancel_at_period_end: true });
    await client.idle();
    expect((await client.get('/api/billing/subscription', token)).body).toMatchObject({
      plan: 'pro',
      cancel_at_period_end: true,
    });
    await client.advance('P1M');
    await client.advance('PT2H');
    expect((await client.get('/api/credits', token)).body).toMatchObject({ plan: 'free', available_credits: 100 });
    expect((await client.get('/api/features/advanced_workflows', token)).status).toBe(403);
    expect(await verified(user)).toMatchObject({ ok: true });
  });

  test('is served through a backend as directly', async () => {
    const user = freshUser();
    const path = `/api/accounts/${user}`;
    expect((await client.get(`${path}/credits`, service)).body).toMatchObject({
      account_id: user,
      available_credits: 100,
    });
    const spent = await client.post(`${path}/credits/deduct`, { amount: 5, description: 'x' }, service, {
      'idempotency-key': 'k',
    });
    expect(spent).toMatchObject({ status: 200, body: { account_id: user, actor: 'svc_tests' } });
    const own = await client.get('/api/credits', await client.token(user));
    expect(own.body).toMatchObject({ available_credits: 95 });
  });
});
