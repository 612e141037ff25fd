import { afterEach, expect, test } from 'vitest';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const START = '2026-11-01T00:00:00Z';
const seconds = (moment: string) => Date.parse(moment) / 1000;
const latest = (id: string) => stage.stripe.subscriptions.retrieve(id, { expand: ['latest_invoice'] });

/** A paid pro subscription whose trial ends on 15 November. */
async function subscribeOnTrial(): Promise<string> {
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: 'price_pro_month', quantity: 1 }],
    success_url: 'https://app.example.com/done',
    subscription_data: { trial_period_days: 14 },
  });
  await stage.fake.paySession(session.id, 'success');
  return idOf((await stage.stripe.checkout.sessions.retrieve(session.id)).subscription);
}

test('a trial that is ended now is paid now, and its billing cycle begins now', async () => {
  stage = await setStage(START);
  const id = await subscribeOnTrial();
  await stage.advanceTo('2026-11-05T00:00:00Z');
  await stage.stripe.subscriptions.update(id, { trial_end: 'now' });
  const now = seconds('2026-11-05T00:00:00Z');
  expect(await latest(id)).toMatchObject({
    status: 'active',
    trial_end: now,
    billing_cycle_anchor: now,
    items: { data: [{ current_period_start: now, current_period_end: seconds('2026-12-05T00:00:00Z') }] },
    latest_invoice: { status: 'paid', amount_paid: 2000, billing_reason: 'subscription_update' },
  });
  await stage.advanceTo('2026-11-20T00:00:00Z');
  expect(stage.hook.types()).not.toContain('customer.subscription.trial_will_end');
});

test('a trial can be prolonged, and costs nothing until its new end', async () => {
  stage = await setStage(START);
  const id = await subscribeOnTrial();
  await stage.stripe.subscriptions.update(id, { trial_end: seconds('2026-11-25T00:00:00Z') });
  await stage.advanceTo('2026-11-24T00:00:00Z');
  expect(stage.hook.types().filter((type) => type === 'customer.subscription.trial_will_end')).toHaveLength(1);
  expect(await latest(id)).toMatchObject({ status: 'trialing', latest_invoice: { amount_paid: 0 } });
  await stage.advanceTo('2026-11-25T02:00:00Z');
  expect(await latest(id)).toMatchObject({ status: 'active', latest_invoice: { amount_paid: 2000 } });
});

test('a paid subscription that gets a trial gets credit for its unused time', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.advanceTo('2026-11-16T00:00:00Z');
  await stage.stripe.subscriptions.update(subscription.id, { trial_end: seconds('2026-11-26T00:00:00Z') });
  expect(await latest(subscription.id)).toMatchObject({ status: 'trialing', latest_invoice: { total: -1000 } });
  await stage.advanceTo('2026-11-26T02:00:00Z');
  expect(await latest(subscription.id)).toMatchObject({ status: 'active', latest_invoice: { amount_paid: 1000 } });
  await expect(stage.stripe.subscriptions.update(subscription.id, { trial_end: seconds(START) })).rejects.toMatchObject(
    { param: 'trial_end' },
  );
});

test('a billing cycle can be restarted', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.advanceTo('2026-11-16T00:00:00Z');
  await stage.stripe.subscriptions.update(subscription.id, { billing_cycle_anchor: { type: 'now' } });
  expect(await latest(subscription.id)).toMatchObject({
    billing_cycle_anchor: seconds('2026-11-16T00:00:00Z'),
    latest_invoice: { amount_paid: 1000 },
  });
});

test.each([
  ['keep_as_draft', 'draft'],
  ['void', 'void'],
  ['mark_uncollectible', 'uncollectible'],
] as const)(
  'while collection is paused (%s) renewals are %s, and the subscription stays active',
  async (behavior, status) => {
    stage = await setStage(START);
    const { subscription } = await stage.subscribe();
    const paused = await stage.stripe.subscriptions.update(subscription.id, {
      pause_collection: { behavior, resumes_at: seconds('2026-12-15T00:00:00Z') },
    });
    expect(paused).toMatchObject({ status: 'active', pause_collection: { behavior } });
    await stage.advanceTo('2026-12-10T00:00:00Z');
    expect(await latest(subscription.id)).toMatchObject({ status: 'active', latest_invoice: { status } });
    await stage.advanceTo('2026-12-16T00:00:00Z');
    expect(await latest(subscription.id)).toMatchObject({ pause_collection: null, latest_invoice: { status } });
    await stage.advanceTo('2027-01-02T00:00:00Z');
    expect(await latest(subscription.id)).toMatchObject({ latest_invoice: { status: 'paid', amount_paid: 2000 } });
  },
);

test('collection that is paused without an end is resumed by hand', async () => {
  stage = await setStage(START);
  const { id } = (await stage.subscribe()).subscription;
  await stage.stripe.subscriptions.update(id, { pause_collection: { behavior: 'void' } });
  expect(await stage.stripe.subscriptions.update(id, { pause_collection: '' })).toMatchObject({
    pause_collection: null,
  });
});

test('a paused subscription resumes in a new cycle with credit for its unused time', async () => {
  stage = await setStage(START);
  const { id } = (await stage.subscribe()).subscription;
  await stage.advanceTo('2026-11-16T00:00:00Z');
  expect(await stage.stripe.subscriptions.pause(id)).toMatchObject({ status: 'paused' });
  await expect(stage.stripe.subscriptions.pause(id)).rejects.toMatchObject({ statusCode: 400 });
  await stage.advanceTo('2027-02-01T00:00:00Z');
  expect((await stage.stripe.invoices.list()).data).toHaveLength(1);
  await stage.stripe.subscriptions.resume(id);
  expect(await latest(id)).toMatchObject({
    status: 'active',
    items: { data: [{ current_period_end: seconds('2027-03-01T00:00:00Z') }] },
    latest_invoice: { amount_paid: 1000 },
  });
  await stage.fake.settled();
  expect(stage.hook.types()).toEqual(
    expect.arrayContaining(['customer.subscription.paused', 'customer.subscription.resumed']),
  );
});

test('a subscription can resume in its old cycle, and pays the rest of the period with the next invoice', async () => {
  stage = await setStage(START);
  const { id } = (await stage.subscribe()).subscription;
  await stage.stripe.subscriptions.pause(id, { bill_for: { unused_time_from: { type: 'none' } } });
  await stage.advanceTo('2026-12-16T12:00:00Z');
  const resumed = await stage.stripe.subscriptions.resume(id, { billing_cycle_anchor: { type: 'unchanged' } });
  expect(resumed).toMatchObject({
    status: 'active',
    items: { data: [{ current_period_end: seconds('2027-01-01T00:00:00Z') }] },
  });
  await stage.advanceTo('2027-01-01T02:00:00Z');
  expect(await latest(id)).toMatchObject({ latest_invoice: { amount_paid: 3000 } });
});

test('an account can leave an unpaid subscription unpaid, and the next payment makes it active', async () => {
  stage = await setStage(START, { after_dunning: 'unpaid' });
  const { subscription } = await stage.subscribe();
  const customer = idOf(subscription.customer);
  stage.fake.setCard(customer, 'decline');
  await stage.advanceTo('2026-12-09T00:00:00Z');
  expect(await latest(subscription.id)).toMatchObject({ status: 'unpaid', latest_invoice: { status: 'open' } });
  await stage.advanceTo('2027-01-02T00:00:00Z');
  const unpaid = await latest(subscription.id);
  expect(unpaid).toMatchObject({ status: 'unpaid', latest_invoice: { status: 'draft' } });
  stage.fake.setCard(customer, 'success');
  await stage.stripe.invoices.pay(idOf(unpaid.latest_invoice));
  expect(await latest(subscription.id)).toMatchObject({ status: 'active', latest_invoice: { status: 'paid' } });
});

test('a paused subscription that was to end meanwhile ends when it is resumed, not before', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  await stage.stripe.subscriptions.pause(subscription.id);
  await stage.advanceTo('2027-01-15T00:00:00Z');
  await stage.stripe.subscriptions.resume(subscription.id, { billing_cycle_anchor: { type: 'unchanged' } });
  await stage.advanceTo('2027-01-15T00:01:00Z');
  const { data } = await stage.stripe.events.list({ type: 'customer.subscription.deleted' });
  const at = seconds('2027-01-15T00:00:00Z');
  expect(data).toMatchObject([{ created: at, data: { object: { status: 'canceled', ended_at: at } } }]);
});
