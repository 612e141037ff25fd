import { afterEach, expect, test } from 'vitest';
import { declaredShapes, type Shape } from './declared-shapes.ts';
import { idOf, type Stage, setStage } from './stage.ts';

let stage: Stage | undefined;
afterEach(() => stage?.close());

const SHAPES = declaredShapes();
const LISTS = [
  'balance_transactions',
  'charges',
  'checkout/sessions',
  'customers',
  'disputes',
  'events',
  'invoice_payments',
  'invoices',
  'payment_intents',
  'payment_methods',
  'prices',
  'products',
  'refunds',
  'subscription_schedules',
  'subscriptions?status=all',
  'webhook_endpoints',
  'billing_portal/configurations',
  'account',
];

/** A life with a bit of everything in it. */
async function live(stage: Stage): Promise<void> {
  const { stripe, fake } = stage;
  const { subscription } = await stage.subscribe();
  const customer = idOf(subscription.customer);
  await stripe.billingPortal.sessions.create({ customer });
  await stripe.subscriptions.pause(subscription.id);
  await stripe.subscriptions.resume(subscription.id);
  await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
  await stripe.webhookEndpoints.create({ url: 'http://127.0.0.1:9/none', enabled_events: ['plan.created'] });
  fake.setCard(customer, 'decline');
  await stage.advanceTo('2027-01-01T00:00:00Z');
  for (const card of ['success', 'decline', 'authenticate', 'delayed', 'delayed_failure'] as const) {
    const line_items = [{ price: 'price_pack_small', quantity: 2 }];
    const params = { mode: 'payment', line_items, success_url: 'https://app.example.com/done' } as const;
    const { id } = await stripe.checkout.sessions.create(params);
    await fake.paySession(id, card);
    if (card !== 'success') continue;
    const { payment_intent } = await stripe.checkout.sessions.retrieve(id);
    await stripe.refunds.create({ payment_intent: idOf(payment_intent), amount: 100 });
    fake.closeDispute(fake.openDispute(idOf(payment_intent)).id, 'won');
  }
  await stripe.customers.del(customer);
  await stage.advanceTo('2027-02-01T00:00:00Z');
}

/** Every object of Stripe's inside a value. Expanded lists have no id, and are left out. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return;
  const fields = Object.fromEntries(Object.entries(value));
  if (typeof fields.object === 'string' && fields.id !== undefined) yield fields;
  for (const field of Object.values(fields)) yield* objectsIn(field);
}

/** What is missing from an object, and what nobody declared. */
function faultsOf(object: Record<string, unknown>, { required, optional }: Shape): string[] {
  const missing = [...required].filter((key) => object[key] === undefined).map((key) => `without ${key}`);
  const unknown = Object.keys(object).filter((key) => !required.has(key) && !optional.has(key));
  return [...missing, ...unknown.map((key) => `with ${key}`)];
}

/** The best fit of an object's declared shapes. */
function faultsOfObject(object: Record<string, unknown>): string[] {
  const found = (SHAPES.get(String(object.object)) ?? []).map((shape) => faultsOf(object, shape));
  return found.toSorted((a, b) => a.length - b.length)[0] ?? ['undeclared'];
}

/** What the lists answer. */
async function answers({ fake }: Stage): Promise<unknown[]> {
  const headers = { authorization: 'Bearer sk_test_local' };
  const get = async (list: string) => (await fetch(`${fake.url}/v1/${list}`, { headers })).json();
  return Promise.all(LISTS.map(get));
}

test('the check notices missing and undeclared keys', () => {
  const shape = { required: new Set(['id', 'amount']), optional: new Set(['note']) };
  expect(faultsOf({ id: 'x', extra: 1 }, shape)).toEqual(['without amount', 'with extra']);
  expect(SHAPES.get('charge')?.[0]?.required).toContain('amount_refunded');
  expect(SHAPES.get('charge')?.[0]?.optional).toContain('refunds');
});

test('each answer has all the required keys that the package declares, and no undeclared ones', async () => {
  stage = await setStage('2026-11-01T00:00:00Z', { after_dunning: 'unpaid' });
  await live(stage);
  const events: unknown[] = stage.hook.received.map(({ payload }) => JSON.parse(payload));
  const seen = new Set<string>();
  const faults = new Set<string>();
  for (const object of objectsIn([...(await answers(stage)), ...events])) {
    seen.add(String(object.object));
    for (const fault of faultsOfObject(object)) faults.add(`${String(object.object)} ${fault}`);
  }
  expect([...faults]).toEqual([]);
  expect([...seen].toSorted()).toEqual([
    'account',
    'balance_transaction',
    'billing_portal.configuration',
    'billing_portal.session',
    'charge',
    'checkout.session',
    'customer',
    'dispute',
    'event',
    'invoice',
    'invoice_payment',
    'line_item',
    'payment_intent',
    'payment_method',
    'plan',
    'price',
    'product',
    'refund',
    'subscription',
    'subscription_item',
    'subscription_schedule',
    'webhook_endpoint',
  ]);
});
