import type Stripe from 'stripe';
import { afterEach, expect, test } from 'vitest';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const START = '2026-11-01T00:00:00Z';
const MIDDLE = '2026-11-16T00:00:00Z';

const amounts = ({ lines }: Stripe.Invoice) => lines.data.map(({ amount }) => amount);

test('the preview of an upgrade shows what the upgrade then costs, and changes nothing', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.advanceTo(MIDDLE);
  const before = stage.hook.received.length;
  const items = [{ id: idOf(subscription.items.data[0]), price: 'price_pro_plus_month' }];
  const change = { items, proration_behavior: 'always_invoice' } as const;
  const preview = await stage.stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: change,
  });
  expect(preview).toMatchObject({ amount_due: 1500, status: 'draft', billing_reason: 'upcoming' });
  await stage.fake.settled();
  expect(stage.hook.received).toHaveLength(before);
  expect((await stage.stripe.invoices.list()).data).toHaveLength(1);
  await expect(stage.stripe.invoices.retrieve(preview.id)).rejects.toMatchObject({ statusCode: 404 });
  const upgraded = await stage.stripe.subscriptions.update(subscription.id, { ...change, expand: ['latest_invoice'] });
  expect(upgraded.latest_invoice).toMatchObject({ amount_paid: 1500 });
  const invoice = await stage.stripe.invoices.retrieve(idOf(upgraded.latest_invoice));
  expect(amounts(invoice)).toEqual(amounts(preview));
});

test('without a change the preview shows the next renewal, with what waits for it', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.advanceTo(MIDDLE);
  const preview = () => stage.stripe.invoices.createPreview({ subscription: subscription.id });
  expect(amounts(await preview())).toEqual([2000]);
  await stage.stripe.subscriptionItems.update(idOf(subscription.items.data[0]), { price: 'price_pro_plus_month' });
  const shown = await preview();
  expect(amounts(shown)).toEqual([-1000, 2500, 5000]);
  await stage.advanceTo('2026-12-01T02:00:00Z');
  const [renewal] = (await stage.stripe.invoices.list({ limit: 1 })).data;
  expect(renewal).toMatchObject({ total: shown.total, period_end: shown.period_end });
});

test('a change of interval is previewed as it is paid: at once', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.advanceTo(MIDDLE);
  const items = [{ id: idOf(subscription.items.data[0]), price: 'price_pro_year' }];
  const preview = await stage.stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: { items },
  });
  expect(amounts(preview)).toEqual([-1000, 20_000]);
});

test('a subscription that ends has no next invoice', async () => {
  stage = await setStage(START);
  const { subscription } = await stage.subscribe();
  await stage.stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
  await expect(stage.stripe.invoices.createPreview({ subscription: subscription.id })).rejects.toMatchObject({
    code: 'invoice_upcoming_none',
  });
});
