import type Stripe from 'stripe';
import { afterEach, expect, test } from 'vitest';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const START = '2026-11-15T10:00:00Z';
const LATER = '2026-11-20T10:00:00Z';
const DONE = { success_url: 'https://app.example.com/done' };
const since_later = { created: { gte: Date.parse(LATER) / 1000 } };

function openPack(params: Partial<Stripe.Checkout.SessionCreateParams> = {}) {
  const line_items = [{ price: 'price_pack_small', quantity: 1 }];
  return stage.stripe.checkout.sessions.create({ mode: 'payment', line_items, ...DONE, ...params });
}

/** A paid pack; the payment intent. */
async function buyPack(params: Partial<Stripe.Checkout.SessionCreateParams> = {}): Promise<string> {
  const { id } = await openPack(params);
  await stage.fake.paySession(id, 'success');
  return idOf((await stage.stripe.checkout.sessions.retrieve(id)).payment_intent);
}

const ids = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);

test('a cursor holds its place when its object no longer matches the filter', async () => {
  stage = await setStage(START, { webhook: null });
  const made: string[] = [];
  for (let i = 0; i < 7; i += 1) made.unshift((await openPack()).id);
  const seen: string[] = [];
  for await (const { id } of stage.stripe.checkout.sessions.list({ status: 'open', limit: 2 })) {
    seen.push(id);
    await stage.stripe.checkout.sessions.expire(id);
  }
  expect(seen).toEqual(made);
  expect((await stage.stripe.checkout.sessions.list({ status: 'open' })).data).toEqual([]);
  await expect(stage.stripe.checkout.sessions.expire(String(made[0]))).rejects.toMatchObject({ statusCode: 400 });
});

test('has_more counts matching objects only', async () => {
  stage = await setStage(START, { webhook: null });
  const [first, second] = [await openPack(), await openPack()];
  await stage.stripe.checkout.sessions.expire(first.id);
  const open = await stage.stripe.checkout.sessions.list({ status: 'open', limit: 1 });
  expect(open).toMatchObject({ data: [{ id: second.id }], has_more: false });
});

test('checkout sessions are found by customer, payment, subscription, status and time', async () => {
  stage = await setStage(START);
  const { session, subscription } = await stage.subscribe();
  await stage.advanceTo(LATER);
  const customer = idOf(session.customer);
  const open = await openPack({ customer });
  const payment_intent = await buyPack({ customer });
  const list = async (params: Stripe.Checkout.SessionListParams) =>
    (await stage.stripe.checkout.sessions.list(params)).data;
  expect(await list({ customer, status: 'open' })).toMatchObject([{ id: open.id }]);
  expect(await list({ payment_intent })).toMatchObject([{ payment_intent, status: 'complete' }]);
  expect(await list({ subscription: subscription.id })).toMatchObject([{ id: session.id }]);
  expect(await list(since_later)).toHaveLength(2);
  expect(await list({ customer_details: { email: 'ada@example.com' } })).toHaveLength(2);
});

test('subscriptions are found by status, customer, price, creation and period, with their invoice and its lines', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.advanceTo(LATER);
  const { subscription: other } = await stage.subscribe('price_pro_plus_month');
  await stage.stripe.subscriptions.cancel(subscription.id);
  const list = async (params: Stripe.SubscriptionListParams) => ids(await stage.stripe.subscriptions.list(params));
  expect(await list({})).toEqual([other.id]);
  expect(await list({ status: 'all' })).toEqual([other.id, subscription.id]);
  expect(await list({ status: 'canceled', customer: idOf(subscription.customer) })).toEqual([subscription.id]);
  expect(await list({ status: 'all', price: 'price_pro_plus_month' })).toEqual([other.id]);
  expect(await list({ status: 'all', created: { lt: Date.parse(LATER) / 1000 } })).toEqual([subscription.id]);
  expect(await list({ current_period_end: { gte: Date.parse('2026-12-20T10:00:00Z') / 1000 } })).toEqual([other.id]);
  const expanded = await stage.stripe.subscriptions.list({ expand: ['data.latest_invoice.lines', 'data.customer'] });
  expect(expanded.data).toMatchObject([
    { customer: { email: 'ada@example.com' }, latest_invoice: { status: 'paid', lines: { data: [{ amount: 5000 }] } } },
  ]);
});

test('payments, refunds and disputes are found by what they belong to and by time', async () => {
  stage = await setStage(START);
  const { id: customer } = await stage.stripe.customers.create({});
  const early = await buyPack({ customer });
  await stage.advanceTo(LATER);
  const late = await buyPack();
  for (const payment_intent of [early, late]) await stage.stripe.refunds.create({ payment_intent, amount: 100 });
  const dispute = stage.fake.openDispute(late);
  const { stripe } = stage;
  expect(ids(await stripe.paymentIntents.list({ customer }))).toEqual([early]);
  expect(ids(await stripe.paymentIntents.list(since_later))).toEqual([late]);
  const [charge] = (await stripe.charges.list({ payment_intent: late })).data;
  expect(charge).toMatchObject({ payment_intent: late, amount_refunded: 100 });
  expect(ids(await stripe.charges.list(since_later))).toEqual([charge?.id]);
  expect((await stripe.refunds.list({ charge: String(charge?.id) })).data).toMatchObject([{ payment_intent: late }]);
  expect((await stripe.refunds.list({ payment_intent: early })).data).toMatchObject([{ amount: 100 }]);
  expect(ids(await stripe.disputes.list({ ...since_later, payment_intent: late }))).toEqual([dispute.id]);
  expect(ids(await stripe.disputes.list({ payment_intent: early }))).toEqual([]);
});

test('invoices and their payments are found by customer, subscription, status and time', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.advanceTo('2026-12-15T12:00:00Z');
  const { stripe } = stage;
  const customer = idOf(subscription.customer);
  expect((await stripe.invoices.list({ customer, status: 'paid' })).data).toHaveLength(2);
  const [renewal] = (await stripe.invoices.list({ subscription: subscription.id, ...since_later })).data;
  expect(renewal).toMatchObject({ billing_reason: 'subscription_cycle' });
  const payments = await stripe.invoicePayments.list({
    invoice: String(renewal?.id),
    expand: ['data.payment.payment_intent'],
  });
  expect(payments.data).toMatchObject([{ status: 'paid', payment: { payment_intent: { amount_received: 2000 } } }]);
  expect((await stripe.customers.list(since_later)).data).toEqual([]);
});

test('events are found by whether they were delivered, for thirty days', async () => {
  stage = await setStage(START);
  stage.fake.setFaults({ drop: 1 });
  const { id } = await stage.stripe.customers.create({});
  await stage.stripe.customers.update(id, { email: 'ada@example.com' });
  await stage.fake.settled();
  const types = async (params: Stripe.EventListParams) =>
    (await stage.stripe.events.list(params)).data.map(({ type }) => type);
  expect(await types({ delivery_success: false })).toEqual(['customer.created']);
  expect(await types({ delivery_success: true })).toEqual(['customer.updated']);
  await expect(types({ type: 'customer.created', types: ['customer.updated'] })).rejects.toMatchObject({
    statusCode: 400,
  });
  const [event] = (await stage.stripe.events.list()).data;
  await stage.advanceTo('2026-12-15T10:00:00Z');
  expect(await types({})).toHaveLength(2);
  await stage.advanceTo('2026-12-15T10:00:01Z');
  expect(await types({})).toEqual([]);
  await expect(stage.stripe.events.retrieve(String(event?.id))).rejects.toMatchObject({ statusCode: 404 });
});
