import Stripe from 'stripe';
import { afterEach, expect, test, vi } from 'vitest';
import { startFakeStripe } from '../src/fake-stripe.ts';
import { seededRandom } from '../src/seeded-random.ts';
import { SEED, type Stage, setStage } from './stage.ts';
import { WEBHOOK_SECRET } from './webhook-receiver.ts';

const START = '2026-11-15T10:00:00Z';
let stage: Stage;
afterEach(() => stage.close());

const HOUR_MS = 3_600_000;

/** The next attempt, made at the moment it falls due. */
async function attemptAgain({ fake, clock, hook }: Stage): Promise<number> {
  const due_at = await vi.waitUntil(() => fake.nextDueAt());
  const pause_ms = due_at - clock.now();
  const attempts = hook.attempts();
  clock.set(due_at);
  await fake.runDue();
  await vi.waitUntil(() => hook.attempts() > attempts);
  return pause_ms;
}

test('a payload verifies with its secret, and with no other', async () => {
  stage = await setStage(START);
  await stage.stripe.customers.create({ email: 'ada@example.com' });
  await stage.fake.settled();
  const [first] = stage.hook.received;
  const verify = (payload: string, secret: string) =>
    stage.stripe.webhooks.constructEventAsync(
      payload,
      first?.signature ?? '',
      secret,
      300,
      undefined,
      stage.clock.now(),
    );
  expect(await verify(first?.payload ?? '', WEBHOOK_SECRET)).toMatchObject({ type: 'customer.created' });
  await expect(verify(first?.payload ?? '', 'whsec_other')).rejects.toThrow();
  await expect(verify(`${first?.payload} `, WEBHOOK_SECRET)).rejects.toThrow();
});

test('while a secret is rotated, both the old and the new one sign', async () => {
  stage = await setStage(START);
  const fake = await startFakeStripe({
    clock: stage.clock,
    port: 0,
    seed: SEED,
    webhook: { url: stage.hook.url, secret: 'whsec_new', secrets: [WEBHOOK_SECRET] },
  });
  const stripe = new Stripe('sk_test_local', { host: '127.0.0.1', port: fake.port, protocol: 'http' });
  await stripe.customers.create({});
  await fake.settled();
  stage.hook.expectSecret('whsec_new');
  await stripe.customers.create({});
  await fake.settled();
  expect(stage.hook.received).toHaveLength(2);
  await fake.close();
});

test('a failed delivery is retried with growing pauses, signed anew each time, and dropped after three days', async () => {
  stage = await setStage(START);
  stage.hook.refuse(Number.POSITIVE_INFINITY);
  await stage.stripe.customers.create({});
  const pauses: number[] = [];
  while (pauses.length < 13) pauses.push(await attemptAgain(stage));
  expect(pauses.slice(0, 9)).toEqual([
    200,
    1000,
    5000,
    60_000,
    300_000,
    1_800_000,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
  ]);
  expect(pauses.slice(9)).toEqual([12 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS]);
  await stage.fake.settled();
  expect(stage.fake.nextDueAt()).toBeNull();
});

test('a retry that is acknowledged is the last', async () => {
  stage = await setStage(START);
  stage.hook.refuse(2);
  await stage.stripe.customers.create({});
  await attemptAgain(stage);
  await attemptAgain(stage);
  await stage.fake.settled();
  expect(stage.hook.types()).toEqual(['customer.created']);
  expect(stage.fake.nextDueAt()).toBeNull();
  const [event] = (await stage.stripe.events.list()).data;
  expect(event?.pending_webhooks).toBe(0);
});

test('retries happen by themselves as time passes', async () => {
  const started = Date.now();
  stage = await setStage(START, { clock: { now: () => Date.parse(START) + Date.now() - started } });
  stage.hook.refuse(1);
  await stage.stripe.customers.create({});
  await stage.fake.settled();
  expect(stage.hook.types()).toEqual(['customer.created']);
});

test('duplicates are the same event again', async () => {
  stage = await setStage(START);
  stage.fake.setFaults({ duplicate: 2 });
  await stage.stripe.customers.create({});
  await stage.fake.settled();
  expect(stage.hook.received).toHaveLength(3);
  expect(new Set(stage.hook.received.map(({ event }) => event.id)).size).toBe(1);
});

test('a dropped event is not delivered, but is in the list of events', async () => {
  stage = await setStage(START);
  stage.fake.setFaults({ drop: 1 });
  await stage.stripe.customers.create({});
  const { id } = await stage.stripe.customers.create({});
  await stage.fake.settled();
  expect(stage.hook.received.map(({ event }) => event.data.object)).toMatchObject([{ id }]);
  expect((await stage.stripe.events.list()).data).toHaveLength(2);
});

test('events of an outage are lost for good, and so are retries in it', async () => {
  stage = await setStage(START);
  stage.hook.refuse(1);
  await stage.stripe.customers.create({ email: 'before@example.com' });
  const retry_at = await vi.waitUntil(() => stage.fake.nextDueAt());
  stage.fake.setFaults({ drop_until: Date.parse('2026-11-19T10:00:00Z') });
  stage.clock.set(retry_at);
  await stage.fake.runDue();
  await stage.stripe.customers.create({ email: 'during@example.com' });
  await stage.advanceTo('2026-11-19T09:59:59Z');
  await stage.stripe.customers.create({ email: 'at the end of it@example.com' });
  await stage.advanceTo('2026-11-19T10:00:00Z');
  await stage.stripe.customers.create({ email: 'after@example.com' });
  await stage.advanceTo('2026-12-01T10:00:00Z');
  expect(stage.hook.received.map(({ event }) => event.data.object)).toMatchObject([{ email: 'after@example.com' }]);
  expect((await stage.stripe.events.list({ delivery_success: false })).data).toHaveLength(3);
});

test('an outage ends at its own time, even in one leap of the clock', async () => {
  stage = await setStage(START);
  await stage.subscribe();
  const before = stage.hook.received.length;
  stage.fake.setFaults({ drop_until: Date.parse('2026-12-15T10:30:00Z') });
  stage.clock.set(Date.parse('2026-12-20T10:00:00Z'));
  await stage.fake.runDue();
  await stage.fake.settled();
  const since = stage.hook.types().slice(before);
  expect(since).toContain('invoice.paid');
  expect(since).not.toContain('invoice.created');
});

test('reordering shuffles the events of one action, the same way for the same seed', async () => {
  const orders: string[][] = [];
  for (const reorder of [true, true, false]) {
    stage = await setStage(START, { random: seededRandom(7), concurrent_deliveries: 1 });
    stage.fake.setFaults({ reorder });
    await stage.subscribe();
    orders.push(stage.hook.types());
    if (orders.length < 3) await stage.close();
  }
  const [shuffled, again, straight] = orders;
  expect(again).toEqual(shuffled);
  expect(shuffled).not.toEqual(straight);
  expect(shuffled?.toSorted()).toEqual(straight?.toSorted());
});

test('an endpoint created by the API gets what it asked for, with its own secret', async () => {
  stage = await setStage(START, { webhook: null });
  const endpoint = await stage.stripe.webhookEndpoints.create({
    url: stage.hook.url,
    enabled_events: ['customer.updated'],
    api_version: Stripe.API_VERSION,
  });
  expect(endpoint.secret).toMatch(/^whsec_/);
  stage.hook.expectSecret(String(endpoint.secret));
  const { id } = await stage.stripe.customers.create({});
  await stage.stripe.customers.update(id, { email: 'ada@example.com' });
  await stage.fake.settled();
  expect(stage.hook.types()).toEqual(['customer.updated']);
  await stage.stripe.webhookEndpoints.update(endpoint.id, { disabled: true });
  await stage.stripe.customers.update(id, { email: 'eve@example.com' });
  await stage.fake.settled();
  expect(stage.hook.types()).toHaveLength(1);
  expect((await stage.stripe.webhookEndpoints.list()).data[0]).not.toHaveProperty('secret');
});
