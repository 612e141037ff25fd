import { afterEach, expect, test } from 'vitest';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const URLS = {
  success_url: 'https://app.example.com/done?session={CHECKOUT_SESSION_ID}',
  cancel_url: 'https://app.example.com/cancelled',
};

test('a paid subscription session sends its events in order', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { session, subscription } = await stage.subscribe();
  expect(session).toMatchObject({ status: 'complete', payment_status: 'paid', client_reference_id: 'u_1', url: null });
  expect(subscription).toMatchObject({ status: 'active', metadata: { account_id: 'u_1' } });
  const events = await stage.stripe.events.list({ limit: 100 });
  const told = events.data.toReversed();
  expect(told.map(({ type }) => type)).toEqual([
    'customer.created',
    'payment_method.attached',
    'customer.updated',
    'customer.subscription.created',
    'invoice.created',
    'invoice.finalized',
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'invoice.updated',
    'invoice.paid',
    'invoice.payment_succeeded',
    'invoice_payment.paid',
    'customer.subscription.updated',
    'checkout.session.completed',
  ]);
  expect(stage.hook.types().toSorted()).toEqual(told.map(({ type }) => type).toSorted());
  for (const event of told) {
    expect(event).toMatchObject({ api_version: '2026-10-28.endive', livemode: false, created: 1794736800 });
  }
});

test('each event keeps the object as it was then', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  await stage.subscribe();
  const { data } = await stage.stripe.events.list({ limit: 100 });
  const created = data.find((event) => event.type === 'customer.subscription.created');
  const updated = data.find((event) => event.type === 'customer.subscription.updated');
  const drafted = data.find((event) => event.type === 'invoice.created');
  const paid = data.find((event) => event.type === 'invoice.paid');
  expect(created?.data.object).toMatchObject({ status: 'incomplete' });
  expect(updated?.data).toMatchObject({ object: { status: 'active' }, previous_attributes: { status: 'incomplete' } });
  expect(drafted?.data.object).toMatchObject({ status: 'draft', amount_due: 2000, amount_paid: 0 });
  expect(paid?.data.object).toMatchObject({
    status: 'paid',
    amount_paid: 2000,
    amount_remaining: 0,
    billing_reason: 'subscription_create',
    parent: { type: 'subscription_details', subscription_details: { metadata: { account_id: 'u_1' } } },
    lines: { data: [{ amount: 2000, pricing: { price_details: { price: 'price_pro_month', product: 'prod_pro' } } }] },
  });
});

test('the payment is found from the invoice and the invoice from the payment', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { session } = await stage.subscribe();
  const invoice = await stage.stripe.invoices.retrieve(idOf(session.invoice), {
    expand: ['payments.data.payment.payment_intent.latest_charge'],
  });
  const payment_intent = invoice.payments?.data[0]?.payment.payment_intent;
  expect(payment_intent).toMatchObject({ status: 'succeeded', latest_charge: { paid: true, amount: 2000 } });
  const links = await stage.stripe.invoicePayments.list({
    payment: { type: 'payment_intent', payment_intent: idOf(payment_intent) },
  });
  expect(links.data).toMatchObject([{ invoice: invoice.id, status: 'paid', amount_paid: 2000 }]);
});

test('a declined card leaves the session open, and another card pays it', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: 'price_pro_month', quantity: 1 }],
    ...URLS,
  });
  expect(await stage.fake.paySession(session.id, 'decline')).toEqual({ status: 'open' });
  expect((await stage.stripe.subscriptions.list()).data).toEqual([]);
  expect(await stage.fake.paySession(session.id, 'success')).toEqual({ status: 'complete' });
  expect(await stage.fake.paySession(session.id, 'success')).toEqual({ status: 'complete' });
  await stage.fake.settled();
  const subscriptions = await stage.stripe.subscriptions.list();
  expect(subscriptions.data).toMatchObject([{ status: 'active' }]);
  expect(stage.hook.types()).toContain('payment_intent.payment_failed');
  const customer = await stage.stripe.customers.retrieve(idOf(subscriptions.data[0]?.customer));
  expect(customer).toMatchObject({ email: 'customer@example.com' });
});

test('a pack is paid once, by quantity, with the metadata of its payment', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const customer = await stage.stripe.customers.create({ email: 'ada@example.com' });
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'payment',
    customer: customer.id,
    line_items: [{ price: 'price_pack_small', quantity: 3 }],
    metadata: { account_id: 'u_1' },
    payment_intent_data: { metadata: { pack: 'small' } },
    ...URLS,
  });
  expect(session).toMatchObject({ amount_total: 2700, payment_status: 'unpaid', status: 'open' });
  await stage.fake.paySession(session.id, 'success');
  const paid = await stage.stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items', 'payment_intent'] });
  expect(paid).toMatchObject({
    status: 'complete',
    payment_status: 'paid',
    subscription: null,
    payment_intent: { amount_received: 2700, metadata: { pack: 'small' }, customer: customer.id },
    line_items: { data: [{ quantity: 3, price: { id: 'price_pack_small', unit_amount: 900 } }] },
  });
});

test('an unpaid session expires after a day', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price: 'price_pack_small', quantity: 1 }],
    ...URLS,
  });
  await stage.advanceTo('2026-11-16T10:00:00Z');
  expect(stage.hook.types()).toEqual(['checkout.session.expired']);
  expect(await stage.fake.paySession(session.id, 'success')).toEqual({ status: 'expired' });
});

test('a trial starts with a zero invoice and is charged at its end', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: 'price_pro_month', quantity: 1 }],
    subscription_data: { trial_period_days: 14 },
    ...URLS,
  });
  await stage.fake.paySession(session.id, 'success');
  const paid = await stage.stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription', 'invoice'] });
  expect(paid).toMatchObject({
    payment_status: 'no_payment_required',
    subscription: { status: 'trialing' },
    invoice: { status: 'paid', amount_paid: 0 },
  });
  await stage.advanceTo('2026-11-26T10:00:00Z');
  expect(stage.hook.types()).toContain('customer.subscription.trial_will_end');
  await stage.advanceTo('2026-11-29T11:00:00Z');
  const [subscription] = (await stage.stripe.subscriptions.list({ expand: ['data.latest_invoice'] })).data;
  expect(subscription).toMatchObject({ status: 'active', latest_invoice: { status: 'paid', amount_paid: 2000 } });
});

test('the page shows what is bought, says when a card is declined, and leads to the success URL', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: 'price_pro_month', quantity: 1 }],
    ...URLS,
  });
  const url = String(session.url);
  const page = await (await fetch(url)).text();
  expect(page).toContain('Pro');
  expect(page).toContain('$20.00 / month');
  expect(page).toContain('href="https://app.example.com/cancelled"');

  const post = (card: string) =>
    fetch(url, { method: 'POST', body: new URLSearchParams({ card, email: 'ada@example.com' }), redirect: 'manual' });
  const declined = await post('decline');
  expect(declined.status).toBe(200);
  expect(await declined.text()).toContain('Your card was declined.');
  const paid = await post('success');
  expect(paid.status).toBe(303);
  expect(paid.headers.get('location')).toBe(`https://app.example.com/done?session=${session.id}`);
  // The webhooks came before the customer was sent back.
  expect(stage.hook.types()).toContain('checkout.session.completed');
  expect(await (await fetch(url)).text()).toContain('You’re all done here');
});

test('the page escapes all text it shows', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  await stage.stripe.products.update('prod_pro', { name: '<script>alert(1)</script>' });
  const session = await stage.stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: 'price_pro_month', quantity: 1 }],
    ...URLS,
  });
  const page = await (await fetch(String(session.url))).text();
  expect(page).not.toContain('<script>');
  expect(page).toContain('&lt;script&gt;');
});
