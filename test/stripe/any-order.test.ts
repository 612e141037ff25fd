import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import Stripe from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { balanceAt } from '../../shared/domain/balance.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { applyStripeEvent } from '../../shared/stripe/apply-stripe-event.ts';
import { anyDatabase, catalog, newAccounts, pace } from '../engines/engines.ts';
import { type FakeGateway, startFakeGateway } from './fake.ts';
import { StubStripe, workerParts } from './stripe-account.ts';

const database = anyDatabase();
let one: FakeGateway;
let stripe: Stripe;

beforeAll(async () => {
  one = await startFakeGateway();
  stripe = new Stripe('sk_test_local', { host: '127.0.0.1', port: one.fake.port, protocol: 'http' });
});
afterAll(async () => {
  database.client.destroy();
  await one.close();
});

/** Moves the clock on, doing what falls due on the way. */
async function advance(days: number): Promise<void> {
  const end = one.clock.at + days * 86_400_000;
  for (let next = one.fake.nextDueAt(); next !== null && next <= end; next = one.fake.nextDueAt()) {
    one.clock.at = Math.max(next, one.clock.at);
    await one.fake.runDue();
  }
  one.clock.at = end;
}

/** Stripe's list of the events of the last 30 days, oldest first. */
async function toldSoFar(): Promise<Stripe.Event[]> {
  const events = await stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 });
  return events.reverse();
}

/** Everything that Stripe tells of a customer who buys pro and changes to pro plus, and whose renewal is paid. */
async function lifecycle() {
  const account_id = 'ACCOUNT';
  const request = { account_id, idempotency_key: randomUUID(), fingerprint: 'f' };
  const customer = await one.stripe.ensureCustomer(account_id);
  const { session_id } = await one.stripe.createCheckoutSession(request, {
    stripe_customer_id: customer,
    bought: { kind: 'plan', lookup_key: 'pro_month' },
    success_url: 'https://app.example.com/done',
    cancel_url: 'https://app.example.com/back',
  });
  await one.fake.paySession(session_id, 'success');
  const [bought] = (await stripe.subscriptions.list({ customer })).data;
  if (bought === undefined) throw new Error('a paid session has its subscription');
  await advance(10);
  const item = bought.items.data[0]?.id ?? '';
  await stripe.subscriptions.update(bought.id, {
    items: [{ id: item, price: 'price_pro_plus_month' }],
    proration_behavior: 'always_invoice',
  });
  const told = await toldSoFar();
  await advance(25);
  const ids = new Set(told.map(({ id }) => id));
  const events = [...told, ...(await toldSoFar()).filter(({ id }) => !ids.has(id))];
  const now = await stripe.subscriptions.retrieve(bought.id);
  return { events, subscription: now, customer };
}

test('any order and repetition of the events of one subscription ends in the same account', async () => {
  const { events, subscription, customer } = await lifecycle();
  const types = new Set(events.map(({ type }) => type));
  expect([...types]).toEqual(
    expect.arrayContaining(['checkout.session.completed', 'customer.subscription.updated', 'invoice.paid']),
  );

  async function live(order: readonly Stripe.Event[]) {
    const run = randomUUID();
    const rewritten = (value: unknown) =>
      JSON.parse(
        JSON.stringify(value)
          .replaceAll('ACCOUNT', `acct_${run}`)
          .replaceAll(customer, `cus_${run}`)
          .replaceAll(subscription.id, `sub_${run}`)
          .replaceAll('evt_', `evt_${run}_`),
      );
    const stub = new StubStripe();
    stub.subscriptions.set(`sub_${run}`, rewritten(subscription));
    const clock = () => one.clock.at;
    const accounts = newAccounts(database, { clock });
    const parts = { ...workerParts(database, stub), accounts, clock };
    for (const event of order) {
      const { outcome } = await applyStripeEvent(rewritten(event), parts);
      expect(outcome).not.toBe('quarantined');
    }
    const { account, now } = await accounts.read(`acct_${run}`);
    expect(await verifyLedger(database, account.account_id, pace)).toMatchObject({ ok: true });
    const { plan, status, monthly_credits, available_credits, reset_at } = balanceAt(account, catalog, now);
    const { current_period_end, paid, interval } = account.subscription ?? {};
    return { plan, status, monthly_credits, available_credits, reset_at, current_period_end, paid, interval };
  }

  const expected = await live(events);
  expect(expected).toMatchObject({
    plan: 'pro_plus',
    status: 'active',
    available_credits: 5_000,
    reset_at: (subscription.items.data[0]?.current_period_end ?? 0) * 1_000,
  });
  const told = events.flatMap(({ type }, n) =>
    /^(customer\.subscription|invoice\.paid|checkout)/.test(type) ? [n] : [],
  );
  const orders = fc
    .tuple(fc.shuffledSubarray(told, { minLength: told.length }), fc.subarray(told))
    .chain(([all, again]) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }));
  await fc.assert(
    fc.asyncProperty(orders, async (order) => {
      expect(await live(order.flatMap((n) => events[n] ?? []))).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});
