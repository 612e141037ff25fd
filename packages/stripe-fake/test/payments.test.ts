import type Stripe from 'stripe';
import { afterEach, expect, test } from 'vitest';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const START = '2026-11-15T10:00:00Z';
const SETTLED = '2026-11-19T10:00:00Z';
const DONE = { success_url: 'https://app.example.com/done' };

function open(mode: 'payment' | 'subscription'): Promise<Stripe.Checkout.Session> {
  const price = mode === 'payment' ? 'price_pack_small' : 'price_pro_month';
  return stage.stripe.checkout.sessions.create({ mode, line_items: [{ price, quantity: 1 }], ...DONE });
}

const session = (id: string, expand: string[] = []) => stage.stripe.checkout.sessions.retrieve(id, { expand });

test('a bank debit pays days after the session is complete', async () => {
  stage = await setStage(START);
  const { id } = await open('payment');
  expect(await stage.fake.paySession(id, 'delayed')).toEqual({ status: 'complete' });
  expect(await session(id, ['payment_intent.latest_charge'])).toMatchObject({
    status: 'complete',
    payment_status: 'unpaid',
    payment_intent: { status: 'processing', amount_received: 0, latest_charge: { status: 'pending', paid: false } },
  });
  await stage.advanceTo(SETTLED);
  expect(await session(id, ['payment_intent.latest_charge'])).toMatchObject({
    payment_status: 'paid',
    payment_intent: { status: 'succeeded', amount_received: 900, latest_charge: { status: 'succeeded', paid: true } },
  });
  expect(stage.hook.types().toSorted()).toEqual(
    [
      'payment_intent.created',
      'charge.pending',
      'payment_intent.processing',
      'checkout.session.completed',
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.async_payment_succeeded',
    ].toSorted(),
  );
});

test('a bank debit can fail days later, or at once when the session is paid again', async () => {
  stage = await setStage(START);
  const { id } = await open('payment');
  await stage.fake.paySession(id, 'delayed_failure');
  expect(await stage.fake.paySession(id, 'success')).toEqual({ status: 'complete' });
  expect(await session(id, ['payment_intent'])).toMatchObject({
    status: 'complete',
    payment_status: 'unpaid',
    payment_intent: { status: 'requires_payment_method', last_payment_error: { code: 'card_declined' } },
  });
  await stage.fake.paySession(id, 'success');
  await stage.advanceTo(SETTLED);
  const failures = stage.hook.types().filter((type) => type === 'checkout.session.async_payment_failed');
  expect(failures).toHaveLength(1);
  expect(stage.hook.types()).not.toContain('checkout.session.async_payment_succeeded');
});

test('a subscription by bank debit is active while its invoice is open, and its renewals take days too', async () => {
  stage = await setStage(START);
  const { id } = await open('subscription');
  await stage.fake.paySession(id, 'delayed');
  expect(await session(id, ['subscription', 'invoice'])).toMatchObject({
    payment_status: 'unpaid',
    subscription: { status: 'active' },
    invoice: { status: 'open', attempt_count: 1 },
  });
  await stage.advanceTo(SETTLED);
  expect(await session(id, ['invoice'])).toMatchObject({ payment_status: 'paid', invoice: { status: 'paid' } });
  await stage.advanceTo('2026-12-16T10:00:00Z');
  const [renewal] = (await stage.stripe.invoices.list({ limit: 1 })).data;
  expect(renewal).toMatchObject({ status: 'open', billing_reason: 'subscription_cycle' });
  await expect(stage.stripe.invoices.pay(String(renewal?.id))).rejects.toMatchObject({ statusCode: 400 });
  await stage.advanceTo('2026-12-19T11:00:00Z');
  expect(await stage.stripe.invoices.retrieve(String(renewal?.id))).toMatchObject({ status: 'paid' });
});

test('a subscription whose first debit fails is past due, and another card saves it', async () => {
  stage = await setStage(START);
  const { id } = await open('subscription');
  await stage.fake.paySession(id, 'delayed_failure');
  await stage.advanceTo(SETTLED);
  const failed = await session(id, ['subscription', 'invoice']);
  expect(failed).toMatchObject({
    payment_status: 'unpaid',
    subscription: { status: 'past_due' },
    invoice: { status: 'open' },
  });
  expect(stage.hook.types()).toEqual(
    expect.arrayContaining(['checkout.session.async_payment_failed', 'invoice.payment_failed']),
  );
  stage.fake.setCard(idOf(failed.customer), 'success');
  await stage.stripe.invoices.pay(idOf(failed.invoice));
  expect(await session(id, ['subscription'])).toMatchObject({ subscription: { status: 'active' } });
});

test('a card that asks for authentication leaves the session open until another payment', async () => {
  stage = await setStage(START);
  const { id } = await open('payment');
  expect(await stage.fake.paySession(id, 'authenticate')).toEqual({ status: 'open' });
  const waiting = await session(id, ['payment_intent']);
  expect(waiting).toMatchObject({
    payment_intent: { status: 'requires_action', next_action: { type: 'redirect_to_url' }, latest_charge: null },
  });
  expect(await stage.fake.paySession(id, 'success')).toEqual({ status: 'complete' });
  expect(await session(id)).toMatchObject({ payment_status: 'paid', payment_intent: idOf(waiting.payment_intent) });
  await stage.fake.settled();
  expect(stage.hook.types()).toEqual(
    expect.arrayContaining(['payment_intent.requires_action', 'payment_intent.succeeded']),
  );
});

test('a renewal whose card asks for authentication is past due and says why', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  stage.fake.setCard(idOf(subscription.customer), 'authenticate');
  await stage.advanceTo('2026-12-15T12:00:00Z');
  expect(stage.hook.types()).toContain('invoice.payment_action_required');
  const late = await stage.stripe.subscriptions.retrieve(subscription.id);
  expect(late.status).toBe('past_due');
  await expect(stage.stripe.invoices.pay(idOf(late.latest_invoice))).rejects.toMatchObject({
    statusCode: 402,
    code: 'invoice_payment_intent_requires_action',
  });
});

test('the page offers every way to pay, and says what a card needs', async () => {
  stage = await setStage(START);
  const { url } = await open('payment');
  const post = (card: string) => fetch(String(url), { method: 'POST', body: new URLSearchParams({ card }) });
  expect(await (await fetch(String(url))).text()).toContain('value="delayed_failure"');
  expect(await (await post('authenticate')).text()).toContain('requires authentication');
  expect(await (await post('decline')).text()).toContain('Your card was declined.');
});
