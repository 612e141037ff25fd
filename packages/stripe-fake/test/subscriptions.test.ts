import { afterEach, expect, test } from 'vitest';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const iso = (seconds: number | undefined) => new Date((seconds ?? 0) * 1000).toISOString();

test('months are always counted from the anchor of 31 January', async () => {
  stage = await setStage('2027-01-31T12:00:00Z');
  const { subscription } = await stage.subscribe();
  const ends: string[] = [];
  for (const moment of ['2027-02-10', '2027-03-10', '2027-04-10', '2027-05-10', '2028-02-10']) {
    await stage.advanceTo(`${moment}T00:00:00Z`);
    const { items } = await stage.stripe.subscriptions.retrieve(subscription.id);
    ends.push(iso(items.data[0]?.current_period_end));
  }
  expect(ends).toEqual([
    '2027-02-28T12:00:00.000Z',
    '2027-03-31T12:00:00.000Z',
    '2027-04-30T12:00:00.000Z',
    '2027-05-31T12:00:00.000Z',
    '2028-02-29T12:00:00.000Z',
  ]);
  const invoices = await stage.stripe.invoices.list({ subscription: subscription.id, status: 'paid', limit: 100 });
  expect(invoices.data).toHaveLength(13);
});

test('a renewal stays a draft for an hour while the subscription is active in its new period', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { subscription } = await stage.subscribe();
  await stage.advanceTo('2026-12-15T10:30:00Z');
  const renewed = await stage.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  expect(renewed.status).toBe('active');
  expect(iso(renewed.items.data[0]?.current_period_start)).toBe('2026-12-15T10:00:00.000Z');
  expect(renewed.latest_invoice).toMatchObject({ status: 'draft', billing_reason: 'subscription_cycle' });

  await stage.advanceTo('2026-12-15T11:00:00Z');
  const invoice = await stage.stripe.invoices.retrieve(idOf(renewed.latest_invoice));
  expect(invoice).toMatchObject({ status: 'paid', amount_paid: 2000, attempt_count: 1 });
  expect(iso(invoice.lines.data[0]?.period.start)).toBe('2026-12-15T10:00:00.000Z');
  expect(iso(invoice.lines.data[0]?.period.end)).toBe('2027-01-15T10:00:00.000Z');
  expect(iso(invoice.status_transitions.paid_at ?? 0)).toBe('2026-12-15T11:00:00.000Z');
});

test('the next renewal is the one whose charge comes first, also while it is a draft', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  expect(stage.fake.nextRenewal()).toBeNull();
  const { subscription } = await stage.subscribe();
  const december = { due_at: Date.parse('2026-12-15T10:00:00Z'), charged_at: Date.parse('2026-12-15T11:00:00Z') };
  expect(stage.fake.nextRenewal()).toEqual(december);
  await stage.advanceTo('2026-12-15T10:30:00Z');
  expect(stage.fake.nextRenewal()).toEqual(december);
  await stage.advanceTo('2026-12-15T11:00:00Z');
  expect(stage.fake.nextRenewal()).toEqual({
    due_at: Date.parse('2027-01-15T10:00:00Z'),
    charged_at: Date.parse('2027-01-15T11:00:00Z'),
  });
  await stage.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  expect(stage.fake.nextRenewal()).toBeNull();
});

test('what falls due in one leap of the clock happens at its own time, in order', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  await stage.subscribe();
  stage.clock.set(Date.parse('2027-02-15T12:00:00Z'));
  await stage.fake.runDue();
  await stage.fake.settled();
  const events = await stage.stripe.events.list({ type: 'invoice.paid' });
  expect(events.data.map(({ created }) => iso(created))).toEqual(['2027-02-15T11:00:00.000Z']);
  const invoices = await stage.stripe.invoices.list();
  expect(invoices.data.map(({ status_transitions: { paid_at } }) => iso(paid_at ?? 0))).toEqual([
    '2027-02-15T11:00:00.000Z',
    '2027-01-15T11:00:00.000Z',
    '2026-12-15T11:00:00.000Z',
    '2026-11-15T10:00:00.000Z',
  ]);
});

test('a yearly subscription renews by the year', async () => {
  stage = await setStage('2028-02-29T00:00:00Z');
  const { subscription } = await stage.subscribe('price_pro_year');
  expect(iso(subscription.items.data[0]?.current_period_end)).toBe('2029-02-28T00:00:00.000Z');
  await stage.advanceTo('2029-03-01T00:00:00Z');
  const renewed = await stage.stripe.subscriptions.retrieve(subscription.id);
  expect(iso(renewed.items.data[0]?.current_period_end)).toBe('2030-02-28T00:00:00.000Z');
});

test('a declined renewal is past due, and a new card pays it at the next attempt', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { subscription } = await stage.subscribe();
  stage.fake.setCard(idOf(subscription.customer), 'decline');
  await stage.advanceTo('2026-12-15T12:00:00Z');
  const late = await stage.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  expect(late).toMatchObject({ status: 'past_due', latest_invoice: { status: 'open', attempt_count: 1 } });
  expect(stage.hook.types()).toEqual(expect.arrayContaining(['charge.failed', 'invoice.payment_failed']));

  stage.fake.setCard(idOf(subscription.customer), 'success');
  await stage.advanceTo('2026-12-18T11:00:00Z');
  const mended = await stage.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  expect(mended).toMatchObject({ status: 'active', latest_invoice: { status: 'paid', attempt_count: 2 } });
});

test('a renewal that stays unpaid ends the subscription after its last attempt', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { subscription } = await stage.subscribe();
  stage.fake.setCard(idOf(subscription.customer), 'decline');
  await stage.advanceTo('2026-12-22T10:59:59Z');
  expect(await stage.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'past_due' });
  await stage.advanceTo('2026-12-22T11:00:00Z');
  const ended = await stage.stripe.subscriptions.retrieve(subscription.id);
  expect(ended).toMatchObject({ status: 'canceled', cancellation_details: { reason: 'payment_failed' } });
  expect(stage.hook.types().filter((type) => type === 'invoice.payment_failed')).toHaveLength(4);
  expect(stage.hook.types()).toContain('customer.subscription.deleted');
  expect(stage.fake.nextDueAt()).toBeNull();
});

test('an open invoice can be paid by hand', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { subscription } = await stage.subscribe();
  stage.fake.setCard(idOf(subscription.customer), 'decline');
  await stage.advanceTo('2026-12-15T12:00:00Z');
  const { latest_invoice } = await stage.stripe.subscriptions.retrieve(subscription.id);
  await expect(stage.stripe.invoices.pay(idOf(latest_invoice))).rejects.toMatchObject({
    type: 'StripeCardError',
    statusCode: 402,
    code: 'card_declined',
  });
  stage.fake.setCard(idOf(subscription.customer), 'success');
  expect(await stage.stripe.invoices.pay(idOf(latest_invoice))).toMatchObject({ status: 'paid' });
  expect(await stage.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' });
});

test('a cancellation at the end of the period can be taken back; otherwise it ends the subscription then', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { subscription } = await stage.subscribe();
  const cancelled = await stage.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  expect(cancelled.cancel_at).toBe(subscription.items.data[0]?.current_period_end);
  const kept = await stage.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: false });
  expect(kept).toMatchObject({ cancel_at: null, canceled_at: null, status: 'active' });
  await stage.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  await stage.advanceTo('2026-12-16T10:00:00Z');
  const ended = await stage.stripe.subscriptions.retrieve(subscription.id);
  expect(ended).toMatchObject({ status: 'canceled', cancellation_details: { reason: 'cancellation_requested' } });
  expect(iso(ended.ended_at ?? 0)).toBe('2026-12-15T10:00:00.000Z');
  expect((await stage.stripe.invoices.list()).data).toHaveLength(1);
  expect((await stage.stripe.subscriptions.list()).data).toEqual([]);
  expect((await stage.stripe.subscriptions.list({ status: 'all' })).data).toHaveLength(1);
});

test('an upgrade invoiced at once costs the difference for the remaining time', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const { subscription } = await stage.subscribe();
  await stage.advanceTo('2026-11-16T00:00:00Z');
  const upgraded = await stage.stripe.subscriptions.update(subscription.id, {
    items: [{ id: idOf(subscription.items.data[0]), price: 'price_pro_plus_month' }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
    expand: ['latest_invoice'],
  });
  expect(upgraded).toMatchObject({
    status: 'active',
    pending_update: null,
    billing_cycle_anchor: subscription.billing_cycle_anchor,
    latest_invoice: { status: 'paid', amount_paid: 1500, billing_reason: 'subscription_update' },
  });
  const invoice = await stage.stripe.invoices.retrieve(idOf(upgraded.latest_invoice));
  expect(
    invoice.lines.data.map(({ amount, parent }) => [amount, parent?.subscription_item_details?.proration]),
  ).toEqual([
    [-1000, true],
    [2500, true],
  ]);
});

test('an upgrade that must be paid first waits for its payment, and is dropped after 23 hours', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const { subscription } = await stage.subscribe();
  const customer = idOf(subscription.customer);
  const upgrade = () =>
    stage.stripe.subscriptions.update(subscription.id, {
      items: [{ id: idOf(subscription.items.data[0]), price: 'price_pro_plus_month' }],
      proration_behavior: 'always_invoice',
      payment_behavior: 'pending_if_incomplete',
    });
  stage.fake.setCard(customer, 'decline');
  const pending = await upgrade();
  expect(pending).toMatchObject({ status: 'active', items: { data: [{ price: { id: 'price_pro_month' } }] } });
  expect(pending.pending_update).not.toBeNull();
  await stage.advanceTo('2026-11-01T23:00:00Z');
  const forgotten = await stage.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  expect(forgotten).toMatchObject({ pending_update: null, latest_invoice: { status: 'void' } });

  const again = await upgrade();
  stage.fake.setCard(customer, 'success');
  await stage.stripe.invoices.pay(idOf(again.latest_invoice));
  expect(await stage.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
    pending_update: null,
    items: { data: [{ price: { id: 'price_pro_plus_month' } }] },
  });
});

test('a downgrade becomes credit that the next invoice uses', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const { subscription } = await stage.subscribe('price_pro_plus_month');
  await stage.advanceTo('2026-11-16T00:00:00Z');
  const downgraded = await stage.stripe.subscriptions.update(subscription.id, {
    items: [{ id: idOf(subscription.items.data[0]), price: 'price_pro_month' }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  });
  expect(downgraded.latest_invoice).toMatchObject({ status: 'paid', total: -1500, amount_due: 0, amount_paid: 0 });
  expect(await stage.stripe.customers.retrieve(idOf(subscription.customer))).toMatchObject({ balance: -1500 });
  await stage.advanceTo('2026-12-01T02:00:00Z');
  const [renewal] = (await stage.stripe.invoices.list({ limit: 1 })).data;
  expect(renewal).toMatchObject({ total: 2000, starting_balance: -1500, ending_balance: 0, amount_paid: 500 });
});

test('a proration that is not invoiced at once waits for the renewal', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const { subscription } = await stage.subscribe();
  await stage.advanceTo('2026-11-16T00:00:00Z');
  await stage.stripe.subscriptionItems.update(idOf(subscription.items.data[0]), { price: 'price_pro_plus_month' });
  expect((await stage.stripe.invoices.list()).data).toHaveLength(1);
  await stage.advanceTo('2026-12-01T02:00:00Z');
  const [renewal] = (await stage.stripe.invoices.list({ limit: 1 })).data;
  expect(renewal).toMatchObject({ total: 6500, amount_paid: 6500 });
  expect(renewal?.lines.data).toHaveLength(3);
});

test('from month to year begins a new cycle at once, less the rest of the month', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const { subscription } = await stage.subscribe();
  await stage.advanceTo('2026-11-16T00:00:00Z');
  const yearly = await stage.stripe.subscriptions.update(subscription.id, {
    items: [{ id: idOf(subscription.items.data[0]), price: 'price_pro_year' }],
    expand: ['latest_invoice'],
  });
  expect(iso(yearly.billing_cycle_anchor)).toBe('2026-11-16T00:00:00.000Z');
  expect(iso(yearly.items.data[0]?.current_period_end)).toBe('2027-11-16T00:00:00.000Z');
  expect(yearly.latest_invoice).toMatchObject({ status: 'paid', amount_paid: 19_000 });
});

test('a subscription whose first payment never comes expires after 23 hours', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const customer = await stage.stripe.customers.create();
  const card = await stage.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: customer.id });
  const subscription = await stage.stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: 'price_pro_month' }],
    default_payment_method: card.id,
  });
  expect(subscription.status).toBe('incomplete');
  await stage.advanceTo('2026-11-01T23:00:00Z');
  const expired = await stage.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] });
  expect(expired).toMatchObject({ status: 'incomplete_expired', latest_invoice: { status: 'void' } });
});

test('a declined first payment can be made with another card, and then nothing expires', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const { id: customer } = await stage.stripe.customers.create();
  const { id: default_payment_method } = await stage.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer,
  });
  const items = [{ price: 'price_pro_month' }];
  const { id, latest_invoice } = await stage.stripe.subscriptions.create({ customer, items, default_payment_method });
  await expect(stage.stripe.invoices.pay(idOf(latest_invoice))).rejects.toMatchObject({ code: 'card_declined' });
  stage.fake.setCard(customer, 'success');
  expect(await stage.stripe.invoices.pay(idOf(latest_invoice))).toMatchObject({ status: 'paid' });
  await stage.advanceTo('2026-11-02T00:00:00Z');
  expect(await stage.stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active' });
});

test('a late renewal is paid by hand, once, and a failure by hand moves no attempt', async () => {
  stage = await setStage('2026-11-15T10:00:00Z');
  const { subscription } = await stage.subscribe();
  stage.fake.setCard(idOf(subscription.customer), 'decline');
  await stage.advanceTo('2026-12-16T00:00:00Z');
  const { latest_invoice } = await stage.stripe.subscriptions.retrieve(subscription.id);
  const invoice = await stage.stripe.invoices.retrieve(idOf(latest_invoice));
  await expect(stage.stripe.invoices.pay(invoice.id)).rejects.toMatchObject({ statusCode: 402 });
  const { attempt_count, next_payment_attempt } = invoice;
  expect(await stage.stripe.invoices.retrieve(invoice.id)).toMatchObject({ attempt_count, next_payment_attempt });
  stage.fake.setCard(idOf(subscription.customer), 'success');
  await stage.stripe.invoices.pay(invoice.id);
  await expect(stage.stripe.invoices.pay(invoice.id)).rejects.toMatchObject({ code: 'invoice_already_paid' });
  await stage.advanceTo('2026-12-30T00:00:00Z');
  expect(await stage.stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ status: 'active' });
  expect(stage.hook.types().filter((type) => type === 'invoice.paid')).toHaveLength(2);
});

test('a deleted customer leaves a tombstone and no subscription', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const { subscription } = await stage.subscribe();
  const customer = idOf(subscription.customer);
  await stage.stripe.customers.del(customer);
  await stage.fake.settled();
  expect(stage.hook.types()).toEqual(expect.arrayContaining(['customer.subscription.deleted', 'customer.deleted']));
  expect(await stage.stripe.customers.retrieve(customer)).toMatchObject({ deleted: true });
  await stage.advanceTo('2027-01-01T00:00:00Z');
  expect((await stage.stripe.invoices.list()).data).toHaveLength(1);
});
