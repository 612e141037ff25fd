import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type Stripe from 'stripe';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { compareObject } from '../../../functions/reconciliation/compare-object.ts';
import { nothing_found } from '../../../functions/reconciliation/plan-run.ts';
import { withAccount } from '../../../shared/domain/account/draft.ts';
import { decideCustomer, decideCustomerDeleted } from '../../../shared/domain/billing/decide-customer.ts';
import type { Decide } from '../../../shared/domain/time/decision.ts';
import { balance_max } from '../../../shared/domain/units.ts';
import { tableName } from '../../../shared/store/database.ts';
import { AccountBusy } from '../../../shared/store/errors.ts';
import { putReconciliation } from '../../../shared/store/reconciliation.ts';
import type { StripeLists } from '../../../shared/stripe/stripe-lists.ts';
import { captureLog } from '../../api/events.ts';
import { describeOnEngine } from '../../engines/engines.ts';
import { grantCommand } from '../../store/commands.ts';
import { reportOf, TwoCustomers } from './two-customers.ts';

const pro = { kind: 'plan', lookup_key: 'pro_month' } as const;

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describeOnEngine('reconciliation', (database) => {
  let two: TwoCustomers;
  beforeEach(async () => {
    two = await TwoCustomers.open(database);
    await markNow();
  });
  afterEach(() => two.close());

  /** As if a run had just ended that found nothing. */
  async function markNow(): Promise<void> {
    const at = two.one.clock.at;
    await putReconciliation(database, {
      events_through: at,
      compared_at: at,
      report: { run_id: 'before', started_at: at, finished_at: at, ...nothing_found },
    });
  }

  /** As if the configuration had lost or found the account's plan. */
  async function planIs(account_id: string, plan: string): Promise<void> {
    await database.client.send(
      new UpdateCommand({
        TableName: tableName(database, 'accounts'),
        Key: { account_id },
        UpdateExpression: 'SET #period.#plan = :plan',
        ExpressionAttributeNames: { '#period': 'period', '#plan': 'plan' },
        ExpressionAttributeValues: { ':plan': plan },
      }),
    );
  }

  async function expectTheSame(): Promise<void> {
    const [heard, unheard] = await Promise.all(two.both.map((account_id) => two.stateOf(account_id)));
    expect(unheard).toEqual(heard);
    expect(unheard).toMatchObject({ verified: true });
  }

  async function upgrade(account_id: string): Promise<void> {
    const { id, items } = await two.subscriptionOf(account_id);
    await two.stripe.subscriptions.update(id, {
      items: [{ id: items.data[0]?.id ?? '', price: 'price_pro_plus_month' }],
      proration_behavior: 'always_invoice',
    });
  }

  test('after four days without events leaves the accounts as if all had come', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.do((account_id) => two.buyPack(account_id));
    await two.advance(2);
    await two.do((account_id) => two.refund(account_id, 1_000));
    await two.do(upgrade);
    await two.advance(2);
    expect(await two.stateOf(two.unheard)).toMatchObject({ plan: 'free', available_credits: 100 });
    const report = await two.reconcile();
    expect(report.events_missed).toBeGreaterThan(5);
    await expectTheSame();
    expect(await two.stateOf(two.unheard)).toMatchObject({ plan: 'pro_plus', available_credits: 5_667 });
    expect(await two.reconcile('all')).toMatchObject({ events_missed: 0, objects_drifted: 0, drift: [] });
  });

  test('after longer than Stripe lists events finds what is missing in the objects themselves', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.do((account_id) => two.buyPack(account_id, 3));
    await two.do((account_id) => two.refund(account_id, 1_500));
    await two.do(async (account_id) => {
      const dispute = two.one.fake.openDispute(await two.paymentOf(account_id));
      two.one.fake.closeDispute(dispute.id, 'won');
    });
    await two.do(upgrade);
    await two.advance(70);
    const report = await two.reconcile();
    const whats = report.drift.filter(({ account_id }) => account_id === two.unheard).map(({ what }) => what);
    expect(whats.sort()).toEqual(expect.arrayContaining(['purchase', 'money_back', 'subscription']));
    await expectTheSame();
    expect(await two.stateOf(two.unheard)).toMatchObject({ plan: 'pro_plus', available_credits: 6_000 });
    expect(await two.reconcile('all')).toMatchObject({ events_missed: 0, objects_drifted: 0 });
  });

  test.each([
    ['its events', 2],
    ['the refunds themselves', 32],
  ])('finds a refund that has failed, and one after it, by %s', async (_, days) => {
    await two.do((account_id) => two.buyPack(account_id, 2, 'refund_failure'));
    await two.reconcile('all');
    await two.do((account_id) => two.refund(account_id, 1_500));
    await two.do((account_id) => two.refund(account_id, 600));
    await two.advance(days);
    const { drift } = await two.reconcile();
    expect(drift.map(({ what }) => what)).toEqual(days > 30 ? expect.arrayContaining(['money_back']) : []);
    await expectTheSame();
    expect(await two.stateOf(two.unheard)).toMatchObject({ available_credits: 1_100 });
    await two.do((account_id) => two.refund(account_id, 300));
    await two.reconcile('all');
    await expectTheSame();
    expect(await two.stateOf(two.unheard)).toMatchObject({ available_credits: 1_000 });
    expect((await two.reconcile('all')).drift).toEqual([]);
  });

  test('names what cannot be compared, and compares the rest', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.advance(40);
    const [readable, unreadable] = [two.unheard, two.heard];
    await planIs(unreadable, 'no_longer_configured');
    const { id: object_id } = await two.subscriptionOf(unreadable);
    const { drift } = reportOf(await two.run({ kind: 'begin', run_id: 'run', scope: 'all' }));
    expect(drift).toContainEqual({ object_id, account_id: null, what: 'not_compared' });
    expect(drift).toContainEqual(expect.objectContaining({ account_id: readable, what: 'subscription' }));
  });

  test('compares again what could not be compared, once it can be', async () => {
    await two.reconcile();
    await two.do((account_id) => two.buyPack(account_id));
    await two.advance(40);
    await two.deps.accounts.read(two.unheard);
    await planIs(two.unheard, 'no_longer_configured');
    expect(await two.reconcile()).toMatchObject({ objects_not_compared: 1, drift: [{ what: 'not_compared' }] });
    await planIs(two.unheard, 'free');
    await two.advance(1);
    await two.reconcile();
    expect(await two.stateOf(two.unheard)).toMatchObject({ available_credits: 1_100 });
  });

  test('is retried when the database does not answer, and names nothing', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.advance(2);
    const preview = () => Promise.reject(new AccountBusy());
    const failing = two.run(
      { kind: 'begin', run_id: 'run', scope: 'all' },
      { accounts: { ...two.deps.accounts, preview } },
    );
    await expect(failing).rejects.toThrow(AccountBusy);
  });

  test('notices a subscription that ended unheard, and one that was paid again', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.reconcile();
    await two.advance(3);
    await two.do(async (account_id) => two.stripe.subscriptions.cancel((await two.subscriptionOf(account_id)).id));
    await markNow();
    const report = await two.reconcile('all');
    expect(report.drift).toContainEqual({
      object_id: (await two.subscriptionOf(two.unheard)).id,
      account_id: two.unheard,
      what: 'subscription',
    });
    await expectTheSame();
    expect(await two.stateOf(two.unheard)).toMatchObject({ plan: 'free', status: 'canceled' });
  });

  test('finds no drift in what changed and was heard of while it read', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.advance(1);
    const read_at = two.one.clock.at;
    const run = { run_id: 'r1', read_at };
    const { data } = await two.stripe.subscriptions.list({
      customer: two.customerOf(two.heard),
      expand: ['data.latest_invoice'],
    });
    const deps = two.reconciliationDeps();
    expect(await compareObject('subscriptions', data[0], run, deps)).toBeNull();
    two.one.clock.at += 1_000;
    await two.do(upgrade);
    expect(await two.stateOf(two.heard)).toMatchObject({ plan: 'pro_plus' });
    expect(await compareObject('subscriptions', data[0], run, deps)).toBeNull();
  });

  test('continues where its time ran out; twice at once finds and does the same', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.do((account_id) => two.buyPack(account_id));
    let calls = 0;
    const first = await two.run({ kind: 'begin', run_id: 'r1', scope: 'all' }, {}, () =>
      calls++ < 1 ? 300_000 : 1_000,
    );
    if (first.kind !== 'unfinished') throw new Error('had time for one page only');
    expect(first.rest).toMatchObject({ pages: 1, lists: [{ list: 'subscriptions' }, {}, {}, {}] });
    const rest = JSON.parse(JSON.stringify(first.rest));
    const outcomes = await Promise.all([two.run(rest), two.run(rest)]);
    for (const outcome of outcomes) expect(reportOf(outcome)).toMatchObject({ run_id: 'r1' });
    await two.drain();
    await expectTheSame();
    expect(await two.stateOf(two.unheard)).toMatchObject({ plan: 'pro', available_credits: 2_000 });
  });

  test('finds undelivered objects only in a full run, as far back as Stripe lists them', async () => {
    await two.do((account_id) => two.buyPack(account_id));
    await two.run({ kind: 'begin', run_id: 'r1', scope: 'due' });
    const to_dead_letters = two.queued.splice(0);
    expect(to_dead_letters).not.toEqual([]);
    await two.advance(29.9);
    await markNow();
    expect(await two.reconcile()).toMatchObject({ events_missed: 0 });
    const report = await two.reconcile('all');
    expect(report.events_missed).toBe(to_dead_letters.length);
    expect(await two.stateOf(two.unheard)).toMatchObject({ available_credits: 1_100, verified: true });
    expect(await two.reconcile('all')).toMatchObject({ events_missed: 0, objects_drifted: 0 });
  });

  test('reads the lines of a long invoice, once, when the account lacks what is paid', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    const { data } = await two.stripe.subscriptions.list({
      customer: two.customerOf(two.unheard),
      expand: ['data.latest_invoice'],
    });
    const [subscription] = data;
    if (subscription === undefined || typeof subscription.latest_invoice !== 'object') throw new Error('is expanded');
    const latest_invoice = { ...subscription.latest_invoice, lines: { has_more: true, data: [] } };
    const lists: StripeLists = {
      listPage: async (list) => ({
        objects: list === 'subscriptions' ? [{ ...subscription, latest_invoice }] : [],
        next: null,
      }),
    };
    const reconcile = async (run_id: string) => {
      const { drift } = reportOf(await two.run({ kind: 'begin', run_id, scope: 'all' }, { lists }));
      two.one.clock.at += 1_000;
      await two.drain();
      return drift.map(({ what }) => what);
    };
    expect(await reconcile('r1')).toEqual(['subscription']);
    expect(await two.stateOf(two.unheard)).toMatchObject({ plan: 'pro', available_credits: 1_000 });
    expect(await reconcile('r2')).toEqual([]);
    // An account that knows the subscription, and not what was paid for it.
    await two.deps.accounts.transact(two.unheard, {
      entry_id: null,
      fingerprint: null,
      decide: ({ draft }) => {
        const known = draft.account.subscription;
        const paid = { from: 0, through: 1 };
        return { draft: withAccount(draft, { subscription: known && { ...known, paid } }) };
      },
    });
    expect(await reconcile('r3')).toEqual(['subscription']);
    expect(await two.stateOf(two.unheard)).toMatchObject({ plan: 'pro', available_credits: 1_000 });
    expect(await reconcile('r4')).toEqual([]);
  });

  test('reports once a purchase for which its account has no room', async () => {
    await two.do((account_id) => two.buyPack(account_id));
    await two.deps.accounts.transact(two.unheard, grantCommand('all', balance_max - 500));
    await two.advance(31);
    const { drift } = await two.reconcile('all');
    expect(drift).toMatchObject([{ account_id: two.unheard, what: 'purchase' }]);
    expect((await two.reconcile('all')).drift).toEqual([]);
  });

  test('notices a new plan whose latest invoice is still for the one before', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.reconcile();
    await two.advance(3);
    await two.do(async (account_id) => {
      const { id, items } = await two.subscriptionOf(account_id);
      await two.stripe.subscriptions.update(id, {
        items: [{ id: items.data[0]?.id ?? '', price: 'price_pro_plus_month' }],
        proration_behavior: 'none',
      });
    });
    await markNow();
    const { drift } = await two.reconcile('all');
    expect(await two.stateOf(two.heard)).toMatchObject({ plan: 'pro_plus' });
    expect(drift.map(({ account_id, what }) => [account_id, what])).toEqual([[two.unheard, 'subscription']]);
    await expectTheSame();
    expect((await two.reconcile('all')).drift).toEqual([]);
  });

  test('moves no mark when Stripe fails half way, so nothing is skipped', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    two.one.fake.setFaults({ fail: 2 });
    await expect(two.run({ kind: 'begin', run_id: 'r1', scope: 'due' })).rejects.toMatchObject({
      name: 'StripeUnavailable',
    });
    await two.reconcile();
    await expectTheSame();
  });

  test('reports a second subscription once, and one that was not bought here', async () => {
    await two.do((account_id) => two.buy(account_id, pro));
    await two.reconcile();
    const second = await two.stripe.subscriptions.create({
      customer: two.customerOf(two.unheard),
      items: [{ price: 'price_pro_plus_month' }],
    });
    const stranger = await two.stripe.customers.create({});
    const session = await two.stripe.checkout.sessions.create({
      mode: 'subscription',
      customer: stranger.id,
      line_items: [{ price: 'price_pro_month', quantity: 1 }],
      success_url: 'https://other.example.com',
    });
    await two.one.fake.paySession(session.id, 'success');
    const nobodys = await two.stripe.subscriptions.list({ customer: stranger.id });
    two.one.clock.at += 1_000;
    await markNow();
    const { drift } = await two.reconcile('all');
    expect(drift).toContainEqual({ object_id: second.id, account_id: two.unheard, what: 'second_subscription' });
    expect(drift).toContainEqual({ object_id: nobodys.data[0]?.id, account_id: null, what: 'unknown_customer' });
    expect((await two.reconcile('all')).drift).toEqual([]);
    expect(await two.stateOf(two.unheard)).toMatchObject({ plan: 'pro' });
  });

  test('reports once what another customer bought for an account, until the account has another one', async () => {
    const commit = (decide: Decide) =>
      two.deps.accounts.transact(two.unheard, { entry_id: null, fingerprint: null, decide });
    await commit(decideCustomer(two.customerOf(two.unheard)));
    const stranger = await two.stripe.customers.create({});
    const bought = async (what: Partial<Stripe.Checkout.SessionCreateParams>, price: string) => {
      const success_url = 'https://other.example.com';
      const line_items = [{ price, quantity: 1 }];
      const session = await two.stripe.checkout.sessions.create({
        ...what,
        customer: stranger.id,
        success_url,
        line_items,
      });
      await two.one.fake.paySession(session.id, 'success');
      return two.stripe.checkout.sessions.retrieve(session.id);
    };
    const metadata = { account_id: two.unheard, pack: 'small', quantity: 1, credits: 500 };
    const [price] = (await two.stripe.prices.list({ lookup_keys: ['pack_small'] })).data;
    const plan = await bought({ mode: 'subscription', subscription_data: { metadata } }, 'price_pro_month');
    const pack = await bought({ mode: 'payment', metadata }, price?.id ?? '');
    const mismatchOf = (object_id: unknown) => ({ object_id, account_id: two.unheard, what: 'customer_mismatch' });
    two.one.clock.at += 1_000;
    await markNow();
    const { drift } = await two.reconcile('all');
    expect(drift).toEqual([mismatchOf(plan.subscription), mismatchOf(pack.payment_intent)]);
    for (const days of [0, 2]) {
      await two.advance(days);
      expect((await two.reconcile('all')).drift).toEqual([]);
    }
    await commit(decideCustomerDeleted(two.customerOf(two.unheard)));
    await commit(decideCustomer('cus_next'));
    expect((await two.reconcile('all')).drift).toEqual([mismatchOf(plan.subscription)]);
    expect(await two.stateOf(two.unheard)).toMatchObject({ subscription: {}, available_credits: 100 });
  });
});
