import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromStripeEvent, readStripeEvent } from '../../shared/stripe/from-stripe-event.ts';
import { lifecycles } from './lifecycles.ts';
import {
  bought_s,
  catalog,
  eventObject,
  invoiceObject,
  prices,
  sessionObject,
  subscriptionObject,
} from './stripe-objects.ts';

const read = (event: unknown, is_production = false) =>
  fromStripeEvent(readStripeEvent(event), { prices, catalog, is_production });

/** The value with fields of next year in each of its objects. */
function withUnknownFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withUnknownFields);
  if (typeof value !== 'object' || value === null) return value;
  const known = Object.entries(value).map(([name, inner]) => [name, withUnknownFields(inner)]);
  return {
    of_next_year: { amount: 1, lines: [null] },
    ...Object.fromEntries(known),
    subscription_of_next_year: 'sub_2',
  };
}

const subscription_types = [
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.trial_will_end',
] as const;

describe('read an event of Stripe’s', () => {
  test.each(subscription_types)('%s is a snapshot of its second', (type) => {
    const created = bought_s + 5;
    expect(read(eventObject(type, subscriptionObject(), { created }))).toMatchObject({
      kind: 'subscription',
      snapshot: { snapshot_at: created * 1_000 },
    });
  });

  test('invoice.paid is a payment for a subscription', () => {
    expect(read(eventObject('invoice.paid', invoiceObject()))).toMatchObject({ kind: 'invoice_paid' });
  });

  test.each([
    [{}, { stripe_customer_id: 'cus_1', account_id: 'u_1' }],
    // Everybody can write it into the URL of a Payment Link.
    [
      { metadata: {}, client_reference_id: 'u_1' },
      { stripe_customer_id: 'cus_1', account_id: null },
    ],
    [{ metadata: null }, { stripe_customer_id: 'cus_1', account_id: null }],
    [{ customer: { id: 'cus_2' } }, { stripe_customer_id: 'cus_2', account_id: 'u_1' }],
  ])('checkout.session.completed with %j links %j', (changes, subject) => {
    const event = eventObject('checkout.session.completed', sessionObject(changes));
    expect(read(event)).toEqual({ kind: 'checkout_completed', subject });
  });

  test.each([{ customer: null }, { mode: 'payment' }, { mode: 'setup' }] as const)(
    'a checkout with %j is ignored',
    (changes) => {
      const event = eventObject('checkout.session.completed', sessionObject(changes));
      expect(read(event)).toEqual({ kind: 'ignored' });
    },
  );

  test.each([
    'invoice.payment_failed',
    'invoice.payment_action_required',
    'checkout.session.expired',
    'product.created',
  ] as const)('%s is ignored', (type) => {
    expect(read(eventObject(type, { id: 'x', anything: [1] }))).toEqual({ kind: 'ignored' });
  });

  test('an unknown type is ignored', () => {
    expect(read({ ...eventObject('product.created', {}), type: 'quantum.entangled' })).toEqual({ kind: 'ignored' });
  });

  test.each([
    [true, false],
    [false, true],
  ])('livemode %s is wrong when the stage is production: %s', (livemode, is_production) => {
    const event = eventObject('invoice.paid', invoiceObject(), { livemode });
    expect(read(event, is_production)).toEqual({ kind: 'quarantined', reason: 'wrong_livemode' });
    expect(read(event, livemode)).toMatchObject({ kind: 'invoice_paid' });
  });

  test.each([
    { id: 'evt_1' },
    { id: 'evt_1', type: 'invoice.paid', created: 'now', livemode: false, data: { object: {} } },
    { id: 'evt_1', type: 'invoice.paid', created: 1, livemode: false, data: { object: null } },
    { id: 'evt_1', object: 'v2.core.event', type: 'v1.billing.meter.no_meter_found', created: '2026-11-23T10:00:00Z' },
  ])('%j is quarantined', (event) => {
    expect(read(event)).toEqual({ kind: 'quarantined', reason: 'unreadable' });
  });

  test('unknown fields anywhere in an event change nothing', () => {
    const events = Object.values(lifecycles).flatMap((lifecycle) => lifecycle().events);
    expect(events.length).toBeGreaterThan(50);
    for (const event of events) expect(read(withUnknownFields(event))).toEqual(read(event));
  });

  test('an object without an id is no event', () => {
    expect(() => readStripeEvent({ type: 'invoice.paid' })).toThrow();
    expect(() => readStripeEvent(null)).toThrow();
  });

  test('nothing that Stripe could send throws', () => {
    const types = fc.constantFrom('invoice.paid', 'checkout.session.completed', ...subscription_types);
    const shapes = fc.oneof(
      fc.object({ maxDepth: 4 }),
      fc.record(
        {
          id: fc.anything(),
          customer: fc.anything(),
          items: fc.anything(),
          lines: fc.anything(),
          parent: fc.anything(),
          metadata: fc.anything(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(types, shapes, (type, object) => {
        const { kind } = read(eventObject(type, object));
        expect([
          'quarantined',
          'ignored',
          'subscription',
          'invoice_paid',
          'checkout_completed',
          'lines_missing',
        ]).toContain(kind);
      }),
    );
  });
});
