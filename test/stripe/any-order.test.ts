import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { applyStripeEvent } from '../../shared/stripe/apply-stripe-event.ts';
import { anyDatabase, catalog, newAccounts, pace } from '../engines/engines.ts';
import { type FakeGateway, startFakeGateway } from './fake.ts';
import { type LifecycleName, lifecycles } from './lifecycles.ts';
import { Listener, type Standing } from './listener.ts';
import { StubStripe, workerDeps } from './stripe-account.ts';

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

/**
 * Everything that Stripe tells of a customer who buys pro and changes to pro plus, and whose
 * renewal is paid.
 */
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

test('one subscription’s events, in any order and repeated, end in the same account', async () => {
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
    const deps = { ...workerDeps(database, stub), accounts, clock };
    for (const event of order) {
      const { outcome } = await applyStripeEvent(rewritten(event), deps);
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
    { numRuns: 50 },
  );
});

type Check = (order: readonly number[], standing: Standing) => void;

/** All orders, as a tree: what two of them begin with is heard once. Answers how many there are. */
async function everyOrder(
  listener: Listener,
  heard: readonly number[],
  left: readonly number[],
  check: Check,
): Promise<number> {
  if (left.length === 0) {
    check(heard, await listener.standing());
    return 1;
  }
  const { state } = listener;
  let orders = 0;
  for (const n of left) {
    listener.state = state;
    await listener.hear(n);
    const others = left.filter((other) => other !== n);
    orders += await everyOrder(listener, [...heard, n], others, check);
  }
  return orders;
}

/** What the customer has in the end. Of the free plan's 100 credits 30 were used before. */
const ends: readonly (readonly [name: LifecycleName, plan: string, available_credits: number])[] = [
  ['buy', 'pro', 1_000],
  ['trial', 'pro', 1_000],
  ['trial that nobody pays for', 'free', 100],
  ['upgrade', 'pro_plus', 5_000],
  ['from the month to the year', 'pro', 1_000],
  ['downgrade', 'pro', 1_000],
  ['cancel', 'free', 100],
  ['cancel at once', 'free', 100],
  ['the customer is deleted', 'free', 100],
  ['pause', 'pro', 1_000],
  ['dunning', 'pro', 1_000],
  ['dunning in vain', 'free', 100],
  ['dunning, given up and paid after all', 'pro', 1_000],
  ['buy another one beside one that stays unpaid', 'pro_plus', 5_000],
  ['buy again after the end', 'pro_plus', 5_000],
  ['refund', 'free', 70],
  ['refund that fails, and another one', 'free', 870],
  ['refunds of which the second fails', 'free', 870],
  ['refund in part of a payment that came late', 'free', 570],
  ['dispute', 'free', 1_070],
  ['dispute that is lost, after a refund', 'free', 70],
];

test('each lifecycle has its events', () => {
  expect(ends.map(([name]) => name)).toEqual(Object.keys(lifecycles));
});

describe.each(ends)('%s', (name, plan, available_credits) => {
  const lifecycle = lifecycles[name]();
  const all = lifecycle.events.map((_, n) => n);

  /** Every permutation of up to seven events, and random orders with events that come twice. */
  test(`its ${all.length} events in any order and repeated end in the same account`, async () => {
    const listener = await Listener.to(lifecycle);
    const { state } = listener;
    const inOrder = async (order: readonly number[]) => {
      listener.state = state;
      for (const n of order) await listener.hear(n);
      return listener.standing();
    };
    const expected = await inOrder(all);
    expect(expected).toMatchObject({ plan, available_credits });
    const text = JSON.stringify(expected);
    const check: Check = (order, standing) => {
      if (JSON.stringify(standing) !== text) expect(standing, order.join(' ')).toEqual(expected);
    };
    const is_short = all.length <= 7;
    if (is_short) {
      listener.state = state;
      expect(await everyOrder(listener, [], all, check)).toBe(all.reduce((product, n) => product * (n + 1), 1));
    }
    const orders = fc
      .subarray(all)
      .chain((again) => fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }));
    await fc.assert(
      fc.asyncProperty(orders, async (order) => check(order, await inOrder(order))),
      { numRuns: is_short ? 200 : 2_000 },
    );
  });

  test('its events in their own order end in the same account', async () => {
    const listener = await Listener.to(lifecycle, { in_time: true });
    for (const n of all) await listener.hear(n);
    expect(await listener.standing()).toMatchObject({ plan, available_credits });
  });
});
