import { describe, expect, test } from 'vitest';
import { fromStripeSubscription } from '../../shared/stripe/from-stripe-subscription.ts';
import { bought_s, catalog, itemObject, prices, renewed_s, subscriptionObject } from './stripe-objects.ts';

const snapshot_at = bought_s * 1_000;
const read = (subscription: unknown) => fromStripeSubscription(subscription, { prices, catalog, snapshot_at });

describe('a Stripe subscription', () => {
  test('is a snapshot in our words', () => {
    expect(read(subscriptionObject())).toEqual({
      kind: 'subscription',
      subject: { stripe_customer_id: 'cus_1', account_id: 'u_1' },
      snapshot: {
        stripe_subscription_id: 'sub_1',
        plan: 'pro',
        interval: 'month',
        status: 'active',
        billing_cycle_anchor: bought_s * 1_000,
        current_period_end: renewed_s * 1_000,
        cancel_at_period_end: false,
        snapshot_at,
        item: { stripe_item_id: 'si_1', stripe_price_id: 'price_pro_month' },
      },
    });
  });

  test.each(prices)('to $lookup_key is to $plan by the $interval', ({ lookup_key, plan, interval }) => {
    expect(read(subscriptionObject({}, lookup_key))).toMatchObject({ snapshot: { plan, interval } });
  });

  test.each([
    ['at the end of the period', { cancel_at_period_end: true }],
    ['at a moment', { cancel_at: renewed_s }],
  ])('that is to end %s says so', (_, changes) => {
    expect(read(subscriptionObject(changes))).toMatchObject({ snapshot: { cancel_at_period_end: true } });
  });

  test('may have an expanded customer, an unknown status and unknown fields', () => {
    const odd = { ...subscriptionObject({ customer: { id: 'cus_2' } }), status: 'hibernating', brand_new: [{}] };
    expect(read(odd)).toMatchObject({
      subject: { stripe_customer_id: 'cus_2' },
      snapshot: { status: 'hibernating' },
    });
  });

  test('of an older API version has its period itself', () => {
    const { current_period_end: _, ...item } = itemObject('pro_month');
    const older = { ...subscriptionObject({ items: { data: [item] } }), current_period_end: renewed_s };
    expect(read(older)).toMatchObject({ snapshot: { current_period_end: renewed_s * 1_000 } });
  });

  test.each([undefined, {}, { account_id: '' }, { account_id: 7 }, null])(
    'names no account by metadata %j',
    (metadata) => {
      expect(read({ ...subscriptionObject(), metadata })).toMatchObject({ subject: { account_id: null } });
    },
  );

  test('may have items beside its plan', () => {
    const items = { data: [itemObject('onboarding'), itemObject(null), itemObject('pro_plus_year', {}, 'si_3')] };
    expect(read(subscriptionObject({ items }))).toMatchObject({
      snapshot: {
        plan: 'pro_plus',
        interval: 'year',
        item: { stripe_item_id: 'si_3', stripe_price_id: 'price_pro_plus_year' },
      },
    });
  });

  describe('whose price is not found by a lookup key', () => {
    const monthly = { recurring: { interval: 'month' } } as const;

    test.each([
      ['lost it to another price', { lookup_key: null, recurring: { interval: 'year' } }, 'year'],
      ['has one that is not in the configuration', { lookup_key: 'pro_week', ...monthly }, 'month'],
    ] as const)('because it %s, is to the plan in its metadata', (_, price, interval) => {
      const items = { data: [itemObject(null, { ...price, metadata: { plan: 'pro' } })] };
      expect(read(subscriptionObject({ items }))).toMatchObject({ snapshot: { plan: 'pro', interval } });
    });

    test.each([
      ['without metadata', monthly],
      ['with the metadata of a plan that is gone', { ...monthly, metadata: { plan: 'gone' } }],
      ['paid by the week', { recurring: { interval: 'week' }, metadata: { plan: 'pro' } }],
      ['paid once', { recurring: null, metadata: { plan: 'pro' } }],
    ] as const)('%s, is to no plan, and can still end', (_, price) => {
      const items = { data: [itemObject(null, price)] };
      expect(read(subscriptionObject({ items }))).toEqual({ kind: 'quarantined', reason: 'unknown_price' });
      for (const status of ['canceled', 'incomplete_expired'] as const) {
        expect(read(subscriptionObject({ items, status }))).toMatchObject({ snapshot: { status, plan: 'free' } });
      }
    });
  });

  test.each([
    ['several plans', { items: { data: [itemObject('pro_month'), itemObject('ultimate_month')] } }],
    ['no period', { items: { data: [{ price: { lookup_key: 'pro_month' } }] } }],
    ['no items', { items: { data: [] } }],
  ])('with %s can still end', (_, changes) => {
    expect(read(subscriptionObject({ ...changes, status: 'canceled' }))).toMatchObject({
      snapshot: { status: 'canceled' },
    });
  });

  test.each([
    ['unknown_price', subscriptionObject({}, 'somebody_elses_price')],
    ['unknown_price', subscriptionObject({}, null)],
    ['unknown_price', subscriptionObject({ items: { data: [] } })],
    ['several_plans', subscriptionObject({ items: { data: [itemObject('pro_month'), itemObject('ultimate_month')] } })],
    ['unreadable', subscriptionObject({ items: { data: [{ price: { lookup_key: 'pro_month' } }] } })],
    ['unreadable', { ...subscriptionObject(), billing_cycle_anchor: 'soon' }],
    ['unreadable', { ...subscriptionObject(), customer: null }],
    ['unreadable', null],
    ['unreadable', 'sub_1'],
  ])('is quarantined as %s', (reason, subscription) => {
    expect(read(subscription)).toEqual({ kind: 'quarantined', reason });
  });
});
