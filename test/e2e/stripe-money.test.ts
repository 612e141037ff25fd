import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { admin_routes } from '../../shared/api/admin-routes.ts';
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

const available = async (token: string) => (await client.get('/api/credits', token)).body.available_credits;
const verified = async (account_id: string) => (await client.get(`/api/accounts/${account_id}/verify`, service)).body;

async function buyPacks(token: string, quantity: number, card = 'success'): Promise<string> {
  const { status, body } = await client.post('/api/billing/checkout', { pack: 'small', quantity }, token);
  expect(status).toBe(201);
  await client.post(`/_local/stripe/sessions/${String(body.session_id)}/pay`, { card });
  await client.idle();
  return String(body.session_id);
}

/** Asks again until it is so: an index, or a queue of another function, is some moments behind. */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await client.idle();
  }
}

describe('packs of credits', () => {
  test('are bought beside a plan, outlive it, and are taken back when their money is refunded', async () => {
    const user = freshUser();
    const token = await client.token(user);
    const stripe = stripeOf(system);
    await client.post('/_local/stripe/faults', { duplicate: 2, reorder: true });
    const session_id = await buyPacks(token, 2);
    expect(await available(token)).toBe(1_100);
    await client.buy('pro', token);
    expect(await available(token)).toBe(2_000);
    expect((await client.deduct(user, 1_300)).status).toBe(200);

    const session = await stripe.checkout.sessions.retrieve(session_id);
    const payment_intent = z.string().parse(session.payment_intent);
    await stripe.refunds.create({ payment_intent, amount: 1_500 });
    await client.idle();
    expect(await available(token)).toBe(200);
    const dispute = await client.post('/_local/stripe/disputes', { payment_intent });
    await client.idle();
    expect(await available(token)).toBe(0);
    const { body } = await client.get('/api/credits/transactions?type=clawback', token);
    expect(body.data).toMatchObject([{ amount: -200, shortfall_credits: 300 }, { amount: -500 }]);
    await client.post(`/_local/stripe/disputes/${String(dispute.body.id)}/close`, { status: 'won' });
    await client.idle();
    expect(await available(token)).toBe(200);
    expect(await verified(user)).toMatchObject({ ok: true, balance: 200 });
    await client.post('/_local/stripe/faults', { duplicate: 0, reorder: false });
  });

  test('paid through a bank that takes days arrive when it has paid', async () => {
    const token = await client.token(freshUser());
    await buyPacks(token, 1, 'delayed');
    expect(await available(token)).toBe(100);
    await client.advance('P10D');
    expect(await available(token)).toBe(600);
  });

  test.each([
    [{}, 'plan'],
    [{ plan: 'pro', pack: 'small' }, 'pack'],
    [{ pack: 'small', interval: 'month' }, 'interval'],
    [{ plan: 'pro', quantity: 2 }, 'quantity'],
    [{ pack: 'small', quantity: 0 }, 'quantity'],
    [{ pack: 'small', quantity: 1.5 }, 'quantity'],
    [{ pack: 'small', quantity: 1e9 }, 'quantity'],
  ])('asked for as %j are refused with the name of the field %s', async (asked, field) => {
    const answer = await client.post('/api/billing/checkout', asked, await client.token(freshUser()));
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(answer.body.errors).toEqual([expect.objectContaining({ path: `body.${field}` })]);
  });

  test('that do not exist are refused as unknown', async () => {
    const answer = await client.post('/api/billing/checkout', { pack: 'huge' }, await client.token(freshUser()));
    expect(answer).toMatchObject({ status: 404, body: { code: 'unknown_pack' } });
  });
});

describe('an event that cannot be applied', () => {
  const events_queue = 'WebhookEventsQueue.fifo';
  const queues = z.record(z.string(), z.object({ dead: z.int() }));
  const dead = async () => queues.parse((await client.get('/_local/queues')).body)[events_queue]?.dead;

  test('goes to the dead letters while other customers’ events are applied, and is applied once when redriven', async () => {
    const [user, other] = [freshUser(), freshUser()];
    const [token, other_token] = [await client.token(user), await client.token(other)];
    const { body: plan } = await client.post('/api/billing/checkout', { plan: 'pro' }, token);
    const { body: pack } = await client.post('/api/billing/checkout', { pack: 'small' }, other_token);
    // The subscription's first event is lost, and Stripe cannot be asked about what was paid.
    await client.post('/_local/stripe/faults', { drop: 1, fail: 1_000 });
    await client.post(`/_local/stripe/sessions/${String(plan.session_id)}/pay`, {});
    await client.post(`/_local/stripe/sessions/${String(pack.session_id)}/pay`, {});
    expect(await until(dead, (count) => count !== 0)).toBe(1);
    await client.idle();
    expect(await available(other_token)).toBe(600);
    expect(await client.get('/api/credits', token)).toMatchObject({ body: { plan: 'free', available_credits: 100 } });

    await client.post('/_local/stripe/faults', { fail: 0 });
    for (const moved of [1, 0]) {
      expect((await client.post(`/_local/queues/${events_queue}/redrive`, {})).body).toEqual({ moved });
      await client.idle();
    }
    expect(await dead()).toBe(0);
    expect(await client.get('/api/credits', token)).toMatchObject({ body: { plan: 'pro', available_credits: 1_000 } });
    expect(await verified(user)).toMatchObject({ ok: true, balance: 1_000 });
  });
});

describe('operators', () => {
  const page = admin_routes.stripe_events.answer;
  const report = admin_routes.reconciliation.answer;
  const quarantined = async () =>
    page.parse((await client.get('/api/admin/stripe-events?outcome=quarantined&limit=100', service)).body).data;

  test('see a subscription that was not bought here, name its account, and apply its events again', async () => {
    const stripe = stripeOf(system);
    const user = freshUser();
    const token = await client.token(user);
    const customer = await stripe.customers.create({});
    const { data: prices } = await stripe.prices.list({ lookup_keys: ['pro_month'] });
    const session = await stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: customer.id,
      line_items: [{ price: prices[0]?.id ?? '', quantity: 1 }],
      success_url: 'https://app.example.com',
    });
    await client.post(`/_local/stripe/sessions/${session.id}/pay`, { card: 'success' });
    await client.idle();
    const seen = await until(quarantined, (events) => events.some(({ type }) => type === 'invoice.paid'));
    expect(seen).toEqual(expect.arrayContaining([expect.objectContaining({ reason: 'unknown_customer' })]));
    expect(await available(token)).toBe(100);

    const [subscription] = (await stripe.subscriptions.list({ customer: customer.id })).data;
    await stripe.subscriptions.update(subscription?.id ?? '', { metadata: { account_id: user } });
    await client.idle();
    for (const { event_id } of seen) {
      const replay = await client.post(`/api/admin/stripe-events/${event_id}/replay`, {}, service);
      expect(replay).toMatchObject({ status: 200, body: { outcome: expect.stringMatching(/applied|ignored|stale/) } });
    }
    expect(await available(token)).toBe(1_000);
    await until(quarantined, (events) => events.length === 0);
    expect(await verified(user)).toMatchObject({ ok: true, balance: 1_000 });
  });

  test('have the accounts compared with Stripe after its events did not arrive', async () => {
    const user = freshUser();
    const token = await client.token(user);
    await client.post('/_local/stripe/faults', { drop_for: 'P4D' });
    await client.buy('pro_plus', token);
    expect(await available(token)).toBe(100);
    const started = await client.post('/api/admin/reconcile', {}, service, { 'idempotency-key': 'after the outage' });
    expect(started).toMatchObject({ status: 202, body: { run_id: expect.any(String) } });
    const again = await client.post('/api/admin/reconcile', {}, service, { 'idempotency-key': 'after the outage' });
    expect(again.text).toBe(started.text);
    const { report: found } = await until(
      async () => report.parse((await client.get('/api/admin/reconcile', service)).body),
      (latest) => latest.report?.run_id === started.body.run_id,
    );
    expect(found?.events_missed).toBeGreaterThan(0);
    await client.idle();
    expect(await client.get('/api/credits', token)).toMatchObject({
      body: { plan: 'pro_plus', available_credits: 5_000 },
    });
    await client.advance('P5D');
  });

  test('alone may do this', async () => {
    const token = await client.token(freshUser());
    const asked = await Promise.all([
      client.get('/api/admin/stripe-events', token),
      client.post('/api/admin/stripe-events/evt_1/replay', {}, token),
      client.get('/api/admin/reconcile', token),
      client.post('/api/admin/reconcile', {}, token),
    ]);
    expect(z.array(z.object({ status: z.literal(403) })).safeParse(asked).success).toBe(true);
    expect((await client.get('/api/admin/stripe-events')).status).toBe(401);
  });
});
