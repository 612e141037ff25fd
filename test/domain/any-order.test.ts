import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PaidStretch, SubscriptionSnapshot } from '../../shared/domain/account/subscription.ts';
import { burnOrder } from '../../shared/domain/ledger/lot.ts';
import { periodStart } from '../../shared/domain/period.ts';
import type { Instant } from '../../shared/domain/units.ts';
import { instant, Journey, pro } from './fixtures.ts';

type StripeEvent =
  | { readonly kind: 'snapshot'; readonly snapshot: SubscriptionSnapshot }
  | { readonly kind: 'paid'; readonly made_at: Instant; readonly paid: PaidStretch };

/** One subscription's life as Stripe saw it: its states in order, and its paid invoices. */
interface Lifecycle {
  readonly states: readonly SubscriptionSnapshot[];
  readonly events: readonly StripeEvent[];
}

const in_force = fc.constantFrom('active', 'active', 'trialing', 'past_due');
const any_status = fc.oneof(in_force, fc.constantFrom('unpaid', 'paused', 'incomplete'));
const anchors = fc.constantFrom(
  instant('2026-03-10T12:00:00Z'),
  instant('2026-03-17T12:00:00Z'),
  instant('2026-04-24T12:00:00Z'),
);
const plans = fc.constantFrom('pro', 'pro_plus', 'ultimate');

const stateOf = (status: fc.Arbitrary<string>) =>
  fc.record({ plan: plans, status, billing_cycle_anchor: anchors, seconds_later: fc.integer({ min: 0, max: 2 }) });

function lifecycles(last_status: fc.Arbitrary<string>): fc.Arbitrary<Lifecycle> {
  return fc
    .record({
      states: fc.array(stateOf(any_status), { maxLength: 4 }),
      last: stateOf(last_status),
      invoices: fc.array(fc.record({ anchor: anchors, month: fc.integer({ min: 0, max: 2 }) }), { maxLength: 3 }),
      // By the month or by the year: a year is not paid for on top of its months.
      months: fc.constantFrom(1, 12),
    })
    .map(({ states, last, invoices, months }) => {
      let snapshot_at = pro.snapshot_at;
      const snapshots = [...states, last].map(({ seconds_later, ...state }): SubscriptionSnapshot => {
        snapshot_at += seconds_later * 1_000;
        return { ...pro, ...state, snapshot_at };
      });
      const payments = invoices.map(({ anchor, month }): StripeEvent => {
        const paid = { from: periodStart(anchor, month), through: periodStart(anchor, month + months) };
        return { kind: 'paid', made_at: pro.snapshot_at, paid };
      });
      const updates = snapshots.map((snapshot): StripeEvent => ({ kind: 'snapshot', snapshot }));
      return { states: snapshots, events: [...updates, ...payments] };
    });
}

/** Every event at least once, some again, in any order. */
function deliveries(of: fc.Arbitrary<Lifecycle>): fc.Arbitrary<{ lifecycle: Lifecycle; delivered: StripeEvent[] }> {
  return of.chain((lifecycle) => {
    const { events } = lifecycle;
    const repeated = fc.subarray([...events]).map((again) => [...events, ...again]);
    return repeated
      .chain((all) => fc.shuffledSubarray(all, { minLength: all.length }))
      .map((delivered) => ({ lifecycle, delivered }));
  });
}

/** What the worker does with an event: where the account cannot tell, Stripe's state of now is fetched. */
function deliver(journey: Journey, event: StripeEvent, { states }: Lifecycle): void {
  const refused =
    event.kind === 'paid'
      ? journey.subscription({ paid: event.paid })
      : journey.subscription({ snapshot: event.snapshot });
  if (refused === null || ('code' in refused && refused.code === 'stale_snapshot')) return;
  expect(refused).toMatchObject({ kind: 'subscription' });
  const newest = states.at(-1);
  if (newest === undefined) throw new Error('a lifecycle has a state');
  const snapshot_at = event.kind === 'paid' ? event.made_at : event.snapshot.snapshot_at;
  journey.subscription({
    snapshot: { ...newest, snapshot_at },
    fetched: true,
    ...(event.kind === 'paid' ? { paid: event.paid } : {}),
  });
}

const nows = fc.constantFrom(
  '2026-03-12T00:00:00Z',
  '2026-04-11T00:00:00Z',
  '2026-04-20T00:00:00Z',
  '2026-06-30T00:00:00Z',
);

/** In burn order, without the ids and times that lots have from the entries that opened them: these depend on the order. */
function standing({ account }: Journey) {
  return {
    lots: account.lots.toSorted(burnOrder).map((lot) => ({ ...lot, id: '', created_at: 0 })),
    // One period can be written on two grids, if the anchor has moved.
    period: {
      ...account.period,
      anchor_at: 0,
      index: 0,
      opened_seq: 0,
      start: periodStart(account.period.anchor_at, account.period.index),
    },
    // Nothing is spent here, so a period that was left and not used is as one never seen.
    subscription:
      account.subscription === null ? null : { ...account.subscription, left: null, gone_back_from: undefined },
    stripe_customer_id: account.stripe_customer_id,
  };
}

function endOf(journey: Journey, lifecycle: Lifecycle, delivered: readonly StripeEvent[]) {
  for (const event of delivered) deliver(journey, event, lifecycle);
  return standing(journey);
}

function spender(now: string): Journey {
  const journey = new Journey('2026-03-01T08:30:00.250Z');
  journey.deduct(30);
  journey.grant({ amount: 40 });
  return journey.to(now).roll();
}

test('a live subscription’s events, in any order and repeated, end in the same lots, period and subscription', () => {
  fc.assert(
    fc.property(deliveries(lifecycles(in_force)), nows, ({ lifecycle, delivered }, now) => {
      const expected = endOf(spender(now), lifecycle, lifecycle.events);
      expect(endOf(spender(now), lifecycle, delivered)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('an ended subscription’s events, in any order and repeated, end in the same lots, period and subscription', () => {
  const ended = fc.constantFrom('canceled', 'incomplete_expired', 'unpaid', 'paused');
  fc.assert(
    fc.property(deliveries(lifecycles(ended)), nows, ({ lifecycle, delivered }, now) => {
      const expected = endOf(spender(now), lifecycle, lifecycle.events);
      expect(endOf(spender(now), lifecycle, delivered)).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

test('of two different ends of one subscription the newer one is kept, in either order', () => {
  const canceled = { ...pro, status: 'canceled', snapshot_at: pro.snapshot_at + 60_000 };
  const noted = { ...canceled, cancel_at_period_end: true, snapshot_at: pro.snapshot_at + 120_000 };
  const events = [canceled, noted].map((snapshot): StripeEvent => ({ kind: 'snapshot', snapshot }));
  const lifecycle = { states: [canceled, noted], events };
  const ends = [events, events.toReversed()].map((order) => endOf(new Journey(pro.snapshot_at), lifecycle, order));
  expect(ends[0]).toEqual(ends[1]);
  expect(ends[0]?.subscription?.snapshot_at).toBe(noted.snapshot_at);
});
