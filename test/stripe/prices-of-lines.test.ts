import { expect, test } from 'vitest';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { describeOnEngine, pace } from '../engines/engines.ts';
import { StripeAccount } from './stripe-account.ts';
import { bought_s, eventObject, itemObject, pricedLineObject, renewed_s } from './stripe-objects.ts';

const year_s = bought_s + 365 * 86_400;
const month = { from: bought_s * 1_000, through: renewed_s * 1_000 };
const next = { start: renewed_s, end: renewed_s + 31 * 86_400 };

/** Pro by the month is bought, with an add-on by the year beside it. */
const add_on = itemObject('add_on_year', {}, 'si_2');

describeOnEngine('a paid invoice of a subscription with several prices', (database) => {
  class Buyer extends StripeAccount {
    constructor() {
      super(database);
    }

    /** What Stripe says of the subscription, and will say when it is asked. */
    subscriptionTo(lookup_key: string, created = bought_s) {
      const items = { data: [add_on, itemObject(lookup_key)] };
      const subscription = this.subscriptionObject({ items });
      this.stripe.subscriptions.set(this.subscription, subscription);
      return eventObject('customer.subscription.updated', subscription, { created });
    }

    paid(...lines: [item: string, price: string, period?: { start: number; end: number }][]) {
      const data = lines.map(([item, price, period = { start: bought_s, end: renewed_s }]) => {
        const subscription_item_details = { subscription: this.subscription, subscription_item: item };
        return pricedLineObject(item, price, { period, parent: { subscription_item_details } });
      });
      return eventObject('invoice.paid', { ...this.invoiceObject(), lines: { has_more: false, data } });
    }

    async bought(): Promise<this> {
      await this.apply(this.subscriptionTo('pro_month'));
      await this.apply(
        this.paid(['si_2', 'price_add_on_year', { start: bought_s, end: year_s }], ['si_1', 'price_pro_month']),
      );
      return this;
    }

    async stands() {
      const { subscription, period, lots } = await this.read();
      expect(await verifyLedger(database, this.account_id, pace)).toMatchObject({ ok: true });
      return { paid: subscription?.paid, plan: period.plan, lots: lots.map(({ remaining }) => remaining) };
    }
  }

  const pro_month = { paid: month, plan: 'pro', lots: [1_000] };

  test('covers the plan by the lines of its item: a yearly add-on adds no year, and Stripe is not asked', async () => {
    const buyer = await new Buyer().bought();
    expect(await buyer.stands()).toEqual(pro_month);
    expect(buyer.stripe.asked).toEqual([]);
  });

  test('for an add-on alone covers nothing of the plan; Stripe is asked once', async () => {
    const buyer = await new Buyer().bought();
    const event = buyer.paid(['si_2', 'price_add_on_year', { start: renewed_s, end: year_s }]);
    expect(await buyer.apply(event)).toMatchObject({ outcome: 'applied' });
    expect(await buyer.stands()).toEqual(pro_month);
    expect(await buyer.apply(event)).toMatchObject({ outcome: 'replayed' });
    expect(buyer.stripe.asked).toEqual([buyer.subscription]);
  });

  test('for an unknown price does not prolong the old plan; it is kept, and applied once the price is known', async () => {
    const buyer = await new Buyer().bought();
    const moved = buyer.subscriptionTo('somebody_elses', bought_s + 60);
    const paid = buyer.paid(['si_1', 'price_somebody_elses', next]);
    for (const event of [moved, paid]) {
      expect(await buyer.apply(event)).toMatchObject({ outcome: 'quarantined', reason: 'unknown_price' });
    }
    expect(await buyer.stands()).toEqual(pro_month);
    const known = { lookup_key: 'pro_plus_month', id: 'price_somebody_elses' };
    const items = { data: [itemObject('pro_plus_month', known)] };
    buyer.stripe.subscriptions.set(buyer.subscription, buyer.subscriptionObject({ items }));
    expect(await buyer.apply(paid)).toMatchObject({ outcome: 'applied' });
    expect(await buyer.stands()).toMatchObject({
      paid: { from: next.start * 1_000, through: next.end * 1_000 },
      plan: 'pro_plus',
    });
  });

  test.each([
    ['in order', ['updated', 'paid'], 0],
    ['its money first', ['paid', 'updated'], 1],
  ] as const)('for an upgrade covers it, heard of %s', async (_, order, questions) => {
    const buyer = await new Buyer().bought();
    const updated = buyer.subscriptionTo('pro_plus_month', bought_s + 60);
    const paid = buyer.paid(['si_1', 'price_pro_plus_month', { start: bought_s + 60, end: renewed_s }]);
    for (const event of order) {
      expect(await buyer.apply({ updated, paid }[event])).toMatchObject({ outcome: 'applied' });
    }
    expect(await buyer.stands()).toEqual({
      paid: { from: (bought_s + 60) * 1_000, through: month.through },
      plan: 'pro_plus',
      lots: [5_000],
    });
    expect(buyer.stripe.asked).toHaveLength(questions);
  });

  test('for the plan before an upgrade, heard of after it, covers it too', async () => {
    const buyer = new Buyer();
    await buyer.apply(buyer.subscriptionTo('pro_plus_month'));
    await buyer.apply(buyer.paid(['si_1', 'price_pro_month']));
    expect(await buyer.stands()).toEqual({ paid: month, plan: 'pro_plus', lots: [5_000] });
    expect(buyer.stripe.asked).toEqual([buyer.subscription]);
  });
});
