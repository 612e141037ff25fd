import { afterEach, expect, test } from 'vitest';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

async function openPortal(configuration?: string) {
  const { subscription } = await stage.subscribe();
  const session = await stage.stripe.billingPortal.sessions.create({
    customer: idOf(subscription.customer),
    return_url: 'https://app.example.com/settings/billing',
    ...(configuration === undefined ? {} : { configuration }),
  });
  const submit = async (fields: Record<string, string>) => {
    const body = new URLSearchParams({ subscription: subscription.id, ...fields });
    return fetch(session.url, { method: 'POST', body, redirect: 'manual' });
  };
  return {
    session,
    subscription,
    submit,
    page: async () => (await fetch(session.url)).text(),
    current: () => stage.stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] }),
  };
}

test('the portal shows the plan and the way back', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const portal = await openPortal();
  const page = await portal.page();
  expect(page).toContain('Pro, $20.00 / month');
  expect(page).toContain('active, renews 2026-12-01');
  expect(page).toContain('href="https://app.example.com/settings/billing"');
});

test('an upgrade is paid at once, and not applied when the card is declined', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const portal = await openPortal();
  const change = { action: 'change', price: 'price_pro_plus_month' };
  await portal.submit({ action: 'card', card: 'decline' });
  const declined = await portal.submit(change);
  expect(await declined.text()).toContain('Your card was declined.');
  expect(await portal.current()).toMatchObject({ items: { data: [{ price: { id: 'price_pro_month' } }] } });
  await portal.submit({ action: 'card', card: 'success' });
  expect((await portal.submit(change)).status).toBe(303);
  expect(await portal.current()).toMatchObject({
    items: { data: [{ price: { id: 'price_pro_plus_month' } }] },
    latest_invoice: { status: 'paid', amount_paid: 3000 },
  });
});

test('a cancellation takes effect at the end of the period and can be taken back', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const portal = await openPortal();
  await portal.submit({ action: 'cancel' });
  expect(await portal.current()).toMatchObject({ status: 'active', cancel_at_period_end: true });
  expect(await portal.page()).toContain('ends 2026-12-01');
  await portal.submit({ action: 'take_back' });
  expect(await portal.current()).toMatchObject({ cancel_at_period_end: false, cancel_at: null });
});

test('a configuration can delay a downgrade to the end of the period', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const configuration = await stage.stripe.billingPortal.configurations.create({
    business_profile: { headline: 'Your plan' },
    features: {
      subscription_update: {
        enabled: true,
        default_allowed_updates: ['price'],
        proration_behavior: 'always_invoice',
        products: [{ product: 'prod_pro_plus', prices: ['price_pro_plus_month'] }],
        schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }] },
      },
    },
  });
  const portal = await openPortal(configuration.id);
  expect(await portal.page()).toContain('Your plan');
  expect(await portal.page()).not.toContain('Cancel subscription');
  await portal.submit({ action: 'change', price: 'price_pro_plus_month' });
  await portal.submit({ action: 'change', price: 'price_pro_month' });
  expect(await portal.current()).toMatchObject({ items: { data: [{ price: { id: 'price_pro_plus_month' } }] } });
  expect(await portal.page()).toContain('Changes to Pro then.');
  await stage.advanceTo('2026-12-01T02:00:00Z');
  expect(await portal.current()).toMatchObject({
    items: { data: [{ price: { id: 'price_pro_month' } }] },
    latest_invoice: { status: 'paid', amount_paid: 2000 },
  });
  await stage.advanceTo('2027-01-01T02:00:00Z');
  expect(await portal.current()).toMatchObject({
    schedule: null,
    items: { data: [{ price: { id: 'price_pro_month' } }] },
  });
});

test('a portal belongs to one customer', async () => {
  stage = await setStage('2026-11-01T00:00:00Z');
  const mine = await openPortal();
  const theirs = await openPortal();
  const answer = await mine.submit({ action: 'cancel', subscription: theirs.subscription.id });
  expect(await answer.text()).toContain('somebody else');
  expect(await theirs.current()).toMatchObject({ cancel_at_period_end: false });
});
