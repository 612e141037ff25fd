import { describe, expect, test } from 'vitest';
import { findStripeEvent } from '../../shared/store/stripe-events.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { StripeUnavailable } from '../../shared/stripe/stripe-unavailable.ts';
import { describeOnEngines, pace } from '../engines/engines.ts';
import { StripeAccount, workerDeps } from './stripe-account.ts';
import { bought_s, eventObject, renewed_s, sessionObject } from './stripe-objects.ts';

describeOnEngines('apply Stripe’s events', (database) => {
  const bought = (lookup_key?: string) => StripeAccount.bought(database, lookup_key);

  test('a purchase gives the plan, in one commit with its marker and without a call to Stripe', async () => {
    const stripe = new StripeAccount(database);
    const created = eventObject('customer.subscription.created', stripe.subscriptionObject());
    expect(await stripe.apply(created)).toMatchObject({ outcome: 'applied', account_id: stripe.account_id });
    expect(await stripe.credits()).toEqual({ plan: 'free', available_credits: 100 });
    const paid = eventObject('invoice.paid', stripe.invoiceObject());
    expect(await stripe.apply(paid)).toMatchObject({ outcome: 'applied' });
    expect(await stripe.credits()).toEqual({ plan: 'pro', available_credits: 1_000 });
    expect(await findStripeEvent(database, paid.id)).toEqual({
      event_id: paid.id,
      type: 'invoice.paid',
      created_at: bought_s * 1_000,
      outcome: 'applied',
      account_id: stripe.account_id,
    });
    expect(stripe.stripe.asked).toEqual([]);
    expect(await verifyLedger(database, stripe.account_id, pace)).toMatchObject({ ok: true, balance: 1_000 });
  });

  test('a payment before its subscription asks Stripe once; the snapshot that follows changes nothing', async () => {
    const stripe = new StripeAccount(database);
    stripe.stripe.subscriptions.set(stripe.subscription, stripe.subscriptionObject());
    expect(await stripe.apply(eventObject('invoice.paid', stripe.invoiceObject()))).toMatchObject({
      outcome: 'applied',
    });
    const { seq } = await stripe.read();
    const created = eventObject('customer.subscription.created', stripe.subscriptionObject());
    expect(await stripe.apply(created)).toMatchObject({ outcome: 'applied' });
    expect(await stripe.read()).toMatchObject({ seq, subscription: { plan: 'pro', status: 'active' } });
    expect(stripe.stripe.asked).toEqual([stripe.subscription]);
  });

  test('one event ten times at once, in two processes, has one effect', async () => {
    const stripe = await bought();
    const other = workerDeps(database, stripe.stripe);
    const paid = eventObject('invoice.paid', stripe.invoiceObject(stripe.subscription, renewed_s + 86_400));
    const updated = eventObject('customer.subscription.updated', stripe.subscriptionObject({}, 'pro_plus_month'), {
      created: bought_s + 1,
    });
    const handled = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        [paid, updated].map((event) => stripe.apply(event, n % 2 ? other : undefined)),
      ).flat(),
    );
    expect(
      handled
        .filter(({ outcome }) => outcome === 'applied')
        .map(({ type }) => type)
        .sort(),
    ).toEqual(['customer.subscription.updated', 'invoice.paid']);
    expect(handled.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(18);
    expect(await stripe.credits()).toEqual({ plan: 'pro_plus', available_credits: 5_000 });
    expect(await verifyLedger(database, stripe.account_id, pace)).toMatchObject({ ok: true });
    expect(stripe.stripe.asked).toEqual([]);
  });

  test('an older snapshot is stale', async () => {
    const stripe = await bought('pro_plus_month');
    const older = eventObject('customer.subscription.updated', stripe.subscriptionObject(), { created: bought_s - 1 });
    expect(await stripe.apply(older)).toMatchObject({ outcome: 'stale', account_id: stripe.account_id });
    expect(await findStripeEvent(database, older.id)).toMatchObject({ outcome: 'stale' });
    expect(await stripe.credits()).toMatchObject({ plan: 'pro_plus' });
    expect(stripe.stripe.asked).toEqual([]);
    expect(await stripe.apply(older)).toMatchObject({ outcome: 'replayed' });
  });

  test('an applied event that comes again is a replay, even if its price is no longer sold', async () => {
    const stripe = new StripeAccount(database);
    const created = eventObject('customer.subscription.created', stripe.subscriptionObject());
    await stripe.apply(created);
    expect(await stripe.apply(created, { ...stripe.deps, prices: [] })).toMatchObject({ outcome: 'replayed' });
    expect(await findStripeEvent(database, created.id)).toMatchObject({ outcome: 'applied' });
  });

  test('of two updates in one second Stripe says which is the later, once per event', async () => {
    const stripe = await bought();
    stripe.stripe.subscriptions.set(stripe.subscription, stripe.subscriptionObject({}, 'pro_plus_month'));
    const updated = eventObject('customer.subscription.updated', stripe.subscriptionObject({}, 'ultimate_month'));
    expect(await stripe.apply(updated)).toMatchObject({ outcome: 'applied' });
    expect(await stripe.credits()).toEqual({ plan: 'pro_plus', available_credits: 5_000 });
    expect(await stripe.apply(updated)).toMatchObject({ outcome: 'replayed' });
    expect(stripe.stripe.asked).toEqual([stripe.subscription]);
  });

  test('an event of an unknown customer is quarantined, whole', async () => {
    const stripe = new StripeAccount(database);
    const event = eventObject('customer.subscription.created', stripe.subscriptionObject({ metadata: {} }));
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'quarantined', reason: 'unknown_customer' });
    const record = await findStripeEvent(database, event.id);
    expect(record).toMatchObject({ outcome: 'quarantined', reason: 'unknown_customer', account_id: null });
    expect(JSON.parse(record?.payload ?? '')).toEqual(JSON.parse(JSON.stringify(event)));
  });

  test('the account is found by its customer, whatever the metadata says', async () => {
    const stripe = await bought();
    const metadata = { account_id: new StripeAccount(database).account_id };
    const event = eventObject('customer.subscription.updated', stripe.subscriptionObject({ metadata }), {
      created: bought_s + 1,
    });
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'applied', account_id: stripe.account_id });
  });

  test.each(['customer.subscription.created', 'checkout.session.completed'] as const)(
    '%s that names an account with another customer is quarantined',
    async (type) => {
      const stripe = new StripeAccount(database);
      await stripe.remember('cus_another');
      const event = eventObject(type, { ...stripe.subscriptionObject(), mode: 'subscription' });
      expect(await stripe.apply(event)).toMatchObject({
        outcome: 'quarantined',
        reason: 'customer_mismatch',
        account_id: stripe.account_id,
      });
      expect(await stripe.read()).toMatchObject({ subscription: null, stripe_customer_id: 'cus_another' });
    },
  );

  test('a checkout links its customer to the account, unless one is linked already', async () => {
    const stripe = new StripeAccount(database);
    const session = sessionObject({ customer: stripe.customer, metadata: { account_id: stripe.account_id } });
    const complete = () => stripe.apply(eventObject('checkout.session.completed', session));
    expect(await complete()).toMatchObject({ outcome: 'applied', account_id: stripe.account_id });
    const linked = await stripe.read();
    expect(linked).toMatchObject({ stripe_customer_id: stripe.customer, seq: 1 });
    expect(await complete()).toMatchObject({ outcome: 'applied' });
    expect(await stripe.read()).toEqual(linked);
  });

  test.each([
    ['wrong_livemode', { livemode: true }, 'pro_month'],
    ['unknown_price', {}, 'not_ours'],
  ])('%s is quarantined', async (reason, changes, lookup_key) => {
    const stripe = new StripeAccount(database);
    const subscription = stripe.subscriptionObject({}, lookup_key);
    const event = eventObject('customer.subscription.created', subscription, changes);
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'quarantined', reason });
    expect((await findStripeEvent(database, event.id))?.payload).toBeDefined();
  });

  test('a type without a meaning here is recorded as ignored', async () => {
    const stripe = new StripeAccount(database);
    const event = eventObject('product.updated', { id: 'prod_1' });
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'ignored' });
    expect(await findStripeEvent(database, event.id)).toMatchObject({ outcome: 'ignored', account_id: null });
  });

  test('an invoice with more lines than the event carries is read whole', async () => {
    const stripe = await bought();
    const invoice = { ...stripe.invoiceObject(), id: 'in_long' };
    const far_s = renewed_s + 31 * 86_400;
    stripe.stripe.lines.set('in_long', stripe.invoiceObject(stripe.subscription, far_s).lines?.data ?? []);
    const event = eventObject('invoice.paid', { ...invoice, lines: { has_more: true, data: [] } });
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'applied' });
    expect(await stripe.read()).toMatchObject({
      subscription: { paid: { from: bought_s * 1_000, through: far_s * 1_000 } },
    });
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'replayed' });
    expect(stripe.stripe.asked).toEqual(['in_long']);
  });

  test('a second subscription beside a live one is quarantined', async () => {
    const stripe = await bought();
    stripe.stripe.subscriptions.set(stripe.subscription, stripe.subscriptionObject());
    const event = eventObject('customer.subscription.created', stripe.subscriptionObject({ id: 'sub_second' }), {
      created: bought_s + 1,
    });
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'quarantined', reason: 'other_subscription_live' });
    expect(await stripe.read()).toMatchObject({ subscription: { stripe_subscription_id: stripe.subscription } });
  });

  test('a second subscription takes over with its payment when the live one ends, in the same commit', async () => {
    const stripe = await bought();
    const { subscriptions, asked } = stripe.stripe;
    const second = `${stripe.subscription}_second`;
    const other = stripe.subscriptionObject(
      { id: second, latest_invoice: { ...stripe.invoiceObject(second), id: 'in_second', status: 'paid' } },
      'pro_plus_month',
    );
    subscriptions.set(stripe.subscription, stripe.subscriptionObject());
    subscriptions.set(second, other);
    const created = eventObject('customer.subscription.created', other, { created: bought_s + 1 });
    const paid = eventObject('invoice.paid', stripe.invoiceObject(second), { created: bought_s + 1 });
    for (const event of [created, paid]) {
      expect(await stripe.apply(event)).toMatchObject({ outcome: 'quarantined', reason: 'other_subscription_live' });
    }
    expect(await stripe.credits()).toEqual({ plan: 'pro', available_credits: 1_000 });

    const ended = stripe.subscriptionObject({ status: 'canceled' });
    subscriptions.set(stripe.subscription, ended);
    const { version } = await stripe.read();
    asked.length = 0;
    const deleted = eventObject('customer.subscription.deleted', ended, { created: bought_s + 60 });
    expect(await stripe.apply(deleted)).toMatchObject({ outcome: 'applied' });
    expect(asked).toEqual([stripe.customer]);
    expect(await stripe.read()).toMatchObject({
      version: version + 1,
      subscription: { stripe_subscription_id: second, plan: 'pro_plus', status: 'active' },
    });
    expect(await stripe.credits()).toEqual({ plan: 'pro_plus', available_credits: 5_000 });
    expect(await verifyLedger(database, stripe.account_id, pace)).toMatchObject({ ok: true });
    const { seq } = await stripe.read();
    for (const event of [deleted, created, paid]) await stripe.apply(event);
    expect((await stripe.read()).seq).toBe(seq);
  });

  test('a second subscription that takes over has what was paid for it, even from a long invoice', async () => {
    const stripe = await bought();
    const { subscriptions, lines, asked } = stripe.stripe;
    const second = `${stripe.subscription}_second`;
    const invoice = { ...stripe.invoiceObject(second), id: 'in_second', status: 'paid' as const };
    lines.set('in_second', invoice.lines?.data ?? []);
    const latest_invoice = { ...invoice, lines: { has_more: true, data: [] } };
    subscriptions.set(second, stripe.subscriptionObject({ id: second, latest_invoice }, 'pro_plus_month'));
    const ended = stripe.subscriptionObject({ status: 'canceled' });
    const deleted = eventObject('customer.subscription.deleted', ended, { created: bought_s + 60 });
    expect(await stripe.apply(deleted)).toMatchObject({ outcome: 'applied' });
    expect(asked).toEqual([stripe.customer, 'in_second']);
    expect(await stripe.credits()).toEqual({ plan: 'pro_plus', available_credits: 5_000 });
  });

  describe('a customer who is deleted', () => {
    const deletedOf = (stripe: StripeAccount) =>
      eventObject('customer.deleted', {
        id: stripe.customer,
        object: 'customer',
        deleted: true,
        metadata: stripe.metadata,
      });

    test('leaves the account free to have another, whatever is still heard of the first', async () => {
      const stripe = await bought();
      expect(await stripe.apply(deletedOf(stripe))).toMatchObject({ outcome: 'applied' });
      expect(await stripe.read()).toMatchObject({
        stripe_customer_id: null,
        former_customers: [stripe.customer],
        subscription: { status: 'canceled' },
      });
      await stripe.remember(`${stripe.customer}_second`);
      const canceled = stripe.subscriptionObject({ status: 'canceled' });
      const ended = eventObject('customer.subscription.deleted', canceled, { created: bought_s + 1 });
      expect(await stripe.apply(ended)).toMatchObject({ outcome: 'applied' });
      expect(await stripe.apply(deletedOf(stripe))).toMatchObject({ outcome: 'applied' });
      expect(await stripe.read()).toMatchObject({
        stripe_customer_id: `${stripe.customer}_second`,
        former_customers: [stripe.customer],
      });
      expect(await stripe.credits()).toMatchObject({ plan: 'free' });
    });

    test('is forgotten too when the end of the subscription is heard of first', async () => {
      const stripe = await bought();
      const ended = stripe.subscriptionObject({ status: 'canceled' });
      await stripe.apply(eventObject('customer.subscription.deleted', ended, { created: bought_s + 1 }));
      await stripe.apply(deletedOf(stripe));
      expect(await stripe.read()).toMatchObject({ stripe_customer_id: null, subscription: { status: 'canceled' } });
    });

    test.each([
      ['after', ['customer.deleted', 'customer.subscription.deleted']],
      ['before', ['customer.subscription.deleted', 'customer.deleted']],
    ] as const)('ends a subscription without our metadata too, heard of %s it', async (_, order) => {
      const stripe = new StripeAccount(database);
      const [metadata, created] = [{}, bought_s + 1];
      await stripe.remember(stripe.customer);
      await stripe.apply(eventObject('customer.subscription.created', stripe.subscriptionObject({ metadata })));
      await stripe.apply(eventObject('invoice.paid', stripe.invoiceObject()));
      expect(await stripe.credits()).toEqual({ plan: 'pro', available_credits: 1_000 });
      const ended = stripe.subscriptionObject({ metadata, status: 'canceled' });
      const told = {
        'customer.deleted': deletedOf(stripe),
        'customer.subscription.deleted': eventObject('customer.subscription.deleted', ended, { created }),
      };
      for (const type of order) expect((await stripe.apply(told[type])).outcome).not.toBe('quarantined');
      expect(await stripe.read()).toMatchObject({ stripe_customer_id: null, subscription: { status: 'canceled' } });
      expect(await stripe.credits()).toEqual({ plan: 'free', available_credits: 100 });
      for (const type of order) await stripe.apply({ ...told[type], id: `${told[type].id}_again` });
      expect(await stripe.credits()).toEqual({ plan: 'free', available_credits: 100 });
      expect(await verifyLedger(database, stripe.account_id, pace)).toMatchObject({ ok: true });
      expect(stripe.stripe.asked).toHaveLength(order[0] === 'customer.deleted' ? 0 : 1);
    });

    test('and who belongs to no account is ignored', async () => {
      const stripe = new StripeAccount(database);
      const event = eventObject('customer.deleted', { id: stripe.customer, metadata: {} });
      expect(await stripe.apply(event)).toMatchObject({ outcome: 'ignored' });
      expect(await stripe.apply(eventObject('customer.deleted', {}))).toMatchObject({ reason: 'unreadable' });
    });
  });

  test('a new subscription replaces one whose end was not heard of yet', async () => {
    const stripe = await bought();
    const ended = stripe.subscriptionObject({ status: 'canceled' });
    stripe.stripe.subscriptions.set(stripe.subscription, ended);
    const second = `${stripe.subscription}_second`;
    const created = bought_s + 60;
    const next = stripe.subscriptionObject({ id: second, billing_cycle_anchor: created }, 'ultimate_month');
    expect(await stripe.apply(eventObject('customer.subscription.created', next, { created }))).toMatchObject({
      outcome: 'applied',
    });
    const paid = eventObject('invoice.paid', stripe.invoiceObject(second, renewed_s, created), { created });
    expect(await stripe.apply(paid)).toMatchObject({ outcome: 'applied' });
    const deleted = eventObject('customer.subscription.deleted', ended, { created: created - 1 });
    expect(await stripe.apply(deleted)).toMatchObject({ outcome: 'stale' });
    expect(await stripe.credits()).toEqual({ plan: 'ultimate', available_credits: null });
    expect(await verifyLedger(database, stripe.account_id, pace)).toMatchObject({ ok: true });
    expect(stripe.stripe.asked).toEqual([stripe.subscription]);
  });

  describe('two subscriptions, one after the other', () => {
    const first_s = bought_s - 300;

    /**
     * An account that bought pro as its first subscription; what Stripe tells of the first one, and
     * of a second one to pro plus.
     */
    async function boughtFirst() {
      const stripe = new StripeAccount(database);
      const second = `${stripe.subscription}_second`;
      const first = (created: number, status: 'active' | 'unpaid' | 'canceled') => {
        const subscription = stripe.subscriptionObject({ billing_cycle_anchor: first_s, status });
        stripe.stripe.subscriptions.set(stripe.subscription, subscription);
        return eventObject('customer.subscription.updated', subscription, { created });
      };
      const next = (created: number, status: 'active' | 'canceled') => {
        const subscription = stripe.subscriptionObject({ id: second, status }, 'pro_plus_month');
        stripe.stripe.subscriptions.set(second, subscription);
        return eventObject('customer.subscription.updated', subscription, { created });
      };
      const paid = (id: string, start_s: number) =>
        eventObject('invoice.paid', stripe.invoiceObject(id, renewed_s, start_s), { created: start_s });
      await stripe.apply(first(first_s, 'active'));
      await stripe.apply(paid(stripe.subscription, first_s));
      expect(await stripe.credits()).toEqual({ plan: 'pro', available_credits: 1_000 });
      return { stripe, second, first, next, paid_second: paid(second, bought_s) };
    }

    async function outcomesOf(stripe: StripeAccount, events: readonly object[]): Promise<string[]> {
      const outcomes: string[] = [];
      for (const event of events) outcomes.push((await stripe.apply(event)).outcome);
      expect(await verifyLedger(database, stripe.account_id, pace)).toMatchObject({ ok: true });
      return outcomes;
    }

    test.each([
      ['in order', [0, 1, 2], ['applied', 'applied', 'applied'], []],
      ['the second first', [1, 2, 0], ['applied', 'applied', 'stale'], ['first', 'first', 'second']],
      ['its money first', [2, 1, 0], ['applied', 'applied', 'stale'], ['second', 'first', 'first', 'second']],
    ])('the first unpaid, the second paid, heard of %s: end alike', async (_, order, outcomes, asked) => {
      const { stripe, second, first, next, paid_second } = await boughtFirst();
      const told = [first(bought_s - 60, 'unpaid'), next(bought_s, 'active'), paid_second];
      expect(
        await outcomesOf(
          stripe,
          order.flatMap((n) => told[n] ?? []),
        ),
      ).toEqual(outcomes);
      expect(await stripe.credits()).toEqual({ plan: 'pro_plus', available_credits: 5_000 });
      expect(await stripe.read()).toMatchObject({ subscription: { stripe_subscription_id: second, status: 'active' } });
      expect(stripe.stripe.asked.map((id) => (id === second ? 'second' : 'first'))).toEqual(asked);
    });

    test('a late state of the first, when both have ended, is stale: its end is remembered', async () => {
      const { stripe, second, first, next, paid_second } = await boughtFirst();
      const late = first(bought_s - 90, 'active');
      const events = [first(bought_s - 60, 'canceled'), next(bought_s, 'active'), paid_second];
      expect(await outcomesOf(stripe, [...events, next(bought_s + 60, 'canceled')])).not.toContain('quarantined');
      const { seq } = await stripe.read();
      expect(await outcomesOf(stripe, [late])).toEqual(['stale']);
      expect(await stripe.read()).toMatchObject({
        seq,
        subscription: { stripe_subscription_id: second, status: 'canceled' },
      });
      expect(await stripe.credits()).toMatchObject({ plan: 'free' });
      // Each end asks for a successor.
      const asked = stripe.stripe.asked.filter((id) => id !== stripe.customer);
      expect(asked).toEqual([]);
    });
  });

  test('a subscription whose price lost its lookup key still ends', async () => {
    const stripe = await bought();
    const ended = stripe.subscriptionObject({ status: 'canceled' }, null);
    const deleted = eventObject('customer.subscription.deleted', ended, { created: bought_s + 1 });
    expect(await stripe.apply(deleted)).toMatchObject({ outcome: 'applied' });
    expect(await stripe.read()).toMatchObject({ subscription: { status: 'canceled' } });
    expect(await stripe.credits()).toMatchObject({ plan: 'free' });
  });

  test('a payment for a subscription that Stripe does not know is quarantined', async () => {
    const stripe = new StripeAccount(database);
    const event = eventObject('invoice.paid', stripe.invoiceObject());
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'quarantined', reason: 'subscription_not_found' });
  });

  test('while Stripe does not answer nothing is recorded, and the same event is applied later', async () => {
    const stripe = new StripeAccount(database);
    const event = eventObject('invoice.paid', stripe.invoiceObject());
    const down = {
      ...stripe.deps,
      stripe: {
        fetchSubscription: () => Promise.reject(new StripeUnavailable()),
        fetchInvoiceLines: () => Promise.reject(new StripeUnavailable()),
        fetchSubscriptionsOf: () => Promise.reject(new StripeUnavailable()),
        fetchPaymentIntent: () => Promise.reject(new StripeUnavailable()),
        fetchRefundsOf: () => Promise.reject(new StripeUnavailable()),
      },
    };
    await expect(stripe.apply(event, down)).rejects.toBeInstanceOf(StripeUnavailable);
    expect(await findStripeEvent(database, event.id)).toBeNull();
    stripe.stripe.subscriptions.set(stripe.subscription, stripe.subscriptionObject());
    expect(await stripe.apply(event)).toMatchObject({ outcome: 'applied' });
    expect(await stripe.credits()).toEqual({ plan: 'pro', available_credits: 1_000 });
  });
});
