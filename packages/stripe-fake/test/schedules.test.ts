import type Stripe from 'stripe';
import { afterEach, expect, test } from 'vitest';
import { type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const START = '2026-11-01T00:00:00Z';
const seconds = (moment: string) => Date.parse(moment) / 1000;

interface Scheduled {
  id: string;
  schedule: Stripe.SubscriptionSchedule;
  current: () => Promise<Stripe.Subscription>;
  told: () => string[];
}

/** A pro subscription that has just been given a schedule. */
async function schedule(price = 'price_pro_plus_month'): Promise<Scheduled> {
  stage = await setStage(START);
  const { id } = (await stage.subscribe(price)).subscription;
  const made = await stage.stripe.subscriptionSchedules.create({ from_subscription: id });
  return {
    id,
    schedule: made,
    current: () => stage.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] }),
    told: () => stage.hook.types().filter((type) => type.startsWith('subscription_schedule.')),
  };
}

const plus = { items: [{ price: 'price_pro_plus_month' }], end_date: seconds('2026-12-01T00:00:00Z') };

test('a schedule begins as the subscription is', async () => {
  const { id, schedule: made, current } = await schedule();
  expect(made).toMatchObject({
    status: 'active',
    subscription: id,
    end_behavior: 'release',
    current_phase: { start_date: seconds(START), end_date: seconds('2026-12-01T00:00:00Z') },
    phases: [{ items: [{ price: 'price_pro_plus_month', quantity: 1 }] }],
  });
  expect((await current()).schedule).toBe(made.id);
  const again = stage.stripe.subscriptionSchedules.create({ from_subscription: id });
  await expect(again).rejects.toMatchObject({ param: 'from_subscription' });
  const { data } = await stage.stripe.subscriptionSchedules.list({ expand: ['data.subscription'] });
  expect(data).toMatchObject([{ subscription: { id, status: 'active' } }]);
});

test('a plan changes when its phase begins, and the schedule is released after the last phase', async () => {
  const { schedule: made, current, told } = await schedule();
  await stage.stripe.subscriptionSchedules.update(made.id, {
    phases: [plus, { items: [{ price: 'price_pro_month' }] }],
  });
  expect(await current()).toMatchObject({ items: { data: [{ price: { id: 'price_pro_plus_month' } }] } });
  await stage.advanceTo('2026-12-01T02:00:00Z');
  expect(await current()).toMatchObject({
    schedule: made.id,
    items: { data: [{ price: { id: 'price_pro_month' } }] },
    latest_invoice: { amount_paid: 2000, billing_reason: 'subscription_cycle' },
  });
  await stage.advanceTo('2027-01-01T02:00:00Z');
  expect(await current()).toMatchObject({ schedule: null, status: 'active', latest_invoice: { amount_paid: 2000 } });
  expect(told()).toEqual([
    'subscription_schedule.created',
    'subscription_schedule.updated',
    'subscription_schedule.updated',
    'subscription_schedule.released',
  ]);
});

test('a phase that ends inside a period is prorated', async () => {
  const { schedule: made, current } = await schedule();
  await stage.stripe.subscriptionSchedules.update(made.id, {
    phases: [
      { ...plus, end_date: seconds('2026-11-16T00:00:00Z') },
      { items: [{ price: 'price_pro_month' }], proration_behavior: 'always_invoice', duration: { interval: 'month' } },
    ],
  });
  await stage.advanceTo('2026-11-16T00:00:00Z');
  expect(await current()).toMatchObject({
    items: { data: [{ price: { id: 'price_pro_month' } }] },
    latest_invoice: { total: -1500 },
  });
});

test('a phase of another interval begins a new billing cycle', async () => {
  const { schedule: made, current } = await schedule('price_pro_month');
  const { end_date } = plus;
  await stage.stripe.subscriptionSchedules.update(made.id, {
    phases: [{ items: [{ price: 'price_pro_month' }], end_date }, { items: [{ price: 'price_pro_year' }] }],
  });
  await stage.advanceTo('2026-12-01T02:00:00Z');
  expect(await current()).toMatchObject({
    billing_cycle_anchor: seconds('2026-12-01T00:00:00Z'),
    items: { data: [{ current_period_end: seconds('2027-12-01T00:00:00Z') }] },
    latest_invoice: { amount_paid: 20_000 },
  });
});

test('a change of the running phase changes the subscription at once', async () => {
  const { schedule: made, current } = await schedule('price_pro_month');
  await stage.advanceTo('2026-11-16T00:00:00Z');
  await stage.stripe.subscriptionSchedules.update(made.id, { phases: [plus], proration_behavior: 'always_invoice' });
  expect(await current()).toMatchObject({
    items: { data: [{ price: { id: 'price_pro_plus_month' } }] },
    latest_invoice: { amount_paid: 1500 },
  });
});

test('a schedule can end with its subscription', async () => {
  const { schedule: made, current, told } = await schedule();
  await stage.stripe.subscriptionSchedules.update(made.id, { end_behavior: 'cancel' });
  await stage.advanceTo('2026-12-01T00:00:00Z');
  expect(await current()).toMatchObject({ status: 'canceled' });
  expect(told()).toContain('subscription_schedule.completed');
  expect((await stage.stripe.invoices.list()).data).toHaveLength(1);
});

test('releasing a schedule keeps the subscription, canceling it ends the subscription', async () => {
  const released = await schedule();
  const after = await stage.stripe.subscriptionSchedules.release(released.schedule.id);
  expect(after).toMatchObject({ status: 'released', subscription: null, released_subscription: released.id });
  expect(await released.current()).toMatchObject({ status: 'active', schedule: null });
  await expect(stage.stripe.subscriptionSchedules.update(after.id, {})).rejects.toMatchObject({ statusCode: 400 });
  const next = await stage.stripe.subscriptionSchedules.create({ from_subscription: released.id });
  await expect(stage.stripe.subscriptions.pause(released.id)).rejects.toMatchObject({ statusCode: 400 });
  expect(await stage.stripe.subscriptionSchedules.cancel(next.id)).toMatchObject({ status: 'canceled' });
  expect(await released.current()).toMatchObject({ status: 'canceled' });
});

test('phases with a gap, or with an end in the past, are refused', async () => {
  const { schedule: made } = await schedule();
  const update = (phases: Stripe.SubscriptionScheduleUpdateParams.Phase[]) =>
    stage.stripe.subscriptionSchedules.update(made.id, { phases });
  const gap = [plus, { ...plus, start_date: seconds('2026-12-02T00:00:00Z') }];
  await expect(update(gap)).rejects.toMatchObject({ param: 'phases[1][start_date]' });
  await expect(update([{ ...plus, end_date: seconds(START) }])).rejects.toMatchObject({ param: 'phases[0][end_date]' });
});
