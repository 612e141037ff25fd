import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { periodStart } from '../../shared/domain/period.ts';
import { day_ms, hour_ms, toIso } from '../../shared/domain/units.ts';
import { capped_rollover, catalog, instant, Journey, proJourney } from './fixtures.ts';
import { catalogs, runs } from './histories.ts';

const march = instant('2026-03-01T00:00:00Z');
const april = periodStart(march, 1);
const may = periodStart(march, 2);
const june = periodStart(march, 3);
const july = periodStart(march, 4);
const year = periodStart(march, 12);

/** Paid by the year since 1 March. */
function yearly(by = catalog): Journey {
  const journey = new Journey(march, by);
  journey.snapshot({ billing_cycle_anchor: march, interval: 'year' });
  journey.paid(year, 'sub_1', march);
  return journey;
}

const at = (journey: Journey, now: number) => {
  journey.now = now;
  return journey;
};
const startOf = ({ account: { period } }: Journey) => toIso(periodStart(period.anchor_at, period.index));

describe('a period is given once', () => {
  test('even if the newest payment is for one before the period that was left', () => {
    const journey = yearly();
    at(journey, may + day_ms).roll();
    journey.deduct(400);
    journey.snapshot({ billing_cycle_anchor: march, status: 'incomplete' });
    journey.paid(may, 'sub_1', april);
    journey.wait(1_000).snapshot({ billing_cycle_anchor: march });
    expect(startOf(journey)).toBe(toIso(may));
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 600 });
    journey.paid(june, 'sub_1', may);
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 600, expires_at: june });
    journey.paid(july, 'sub_1', june);
    at(journey, june).roll();
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000, expires_at: july });
  });

  test.each([
    ['', catalog],
    [', also where it rolls over', capped_rollover],
  ])('even if the anchor moved onto its grid and payments for single months come late%s', (_, by) => {
    const journey = new Journey(march, by);
    journey.snapshot({ billing_cycle_anchor: march });
    journey.paid(april, 'sub_1', march);
    journey.paid(periodStart(april, 12), 'sub_1', april);
    at(journey, april).snapshot({ billing_cycle_anchor: april });
    at(journey, june);
    journey.paid(june, 'sub_1', may);
    expect(startOf(journey)).toBe(toIso(june));
    journey.deduct(250);
    const { lots } = journey.account;
    journey.paid(july, 'sub_1', june);
    expect(startOf(journey)).toBe(toIso(june));
    expect(journey.account.lots).toEqual(lots);
  });

  test('even if the account had another subscription in between', () => {
    const journey = proJourney();
    journey.to('2026-04-10T12:00:00Z').paid('2026-05-10T12:00:00Z');
    journey.deduct(950);
    journey.wait(1_000).snapshot({ status: 'unpaid' });
    journey.wait(1_000).snapshot({ stripe_subscription_id: 'sub_2', status: 'incomplete' });
    journey.wait(1_000).snapshot();
    expect(journey.account.subscription).toMatchObject({ stripe_subscription_id: 'sub_1', left: { used: 950 } });
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 50 });
    journey.paid('2026-04-10T12:00:00Z');
    journey.paid('2026-05-10T12:00:00Z');
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 50 });
  });

  test('even if an abandoned year had opened later ones, heard of in the wrong order', () => {
    const journey = yearly();
    const moved_at = june + 16 * day_ms;
    const month = { from: moved_at, through: periodStart(moved_at, 1) };
    at(journey, july + 9 * day_ms).roll();
    journey.deduct(300);
    journey.snapshot({ billing_cycle_anchor: moved_at, snapshot_at: moved_at });
    journey.subscription({ paid: month });
    expect(startOf(journey)).toBe(toIso(moved_at));
    expect(journey.monthly).toMatchObject({ remaining: 700 });
    journey.subscription({ paid: { from: july, through: periodStart(july, 1) } });
    journey.wait(1_000).snapshot({ billing_cycle_anchor: march });
    expect(startOf(journey)).toBe(toIso(july));
    expect(journey.monthly).toMatchObject({ remaining: 700 });
  });

  test('and the next one is fresh when time moved the account on along a crossing grid', () => {
    const january = instant('2026-01-31T00:00:00Z');
    const february = instant('2026-02-28T00:00:00Z');
    const journey = new Journey(january);
    journey.snapshot({ billing_cycle_anchor: january });
    journey.paid(february, 'sub_1', january);
    at(journey, february).paid(periodStart(february, 1), 'sub_1', february);
    journey.snapshot({ billing_cycle_anchor: february });
    journey.deduct(900);
    at(journey, periodStart(february, 1)).paid(periodStart(february, 2), 'sub_1', journey.now);
    expect(startOf(journey)).toBe(toIso(periodStart(february, 1)));
    expect(journey.monthly).toMatchObject({ remaining: 1_000, expires_at: periodStart(february, 2) });
  });
});

describe('a subscription replaced by another', () => {
  test('that has ended does not come back', () => {
    const journey = proJourney();
    journey.wait(1_000).snapshot({ status: 'canceled' });
    journey.wait(1_000).snapshot({ stripe_subscription_id: 'sub_2', status: 'incomplete' });
    journey.wait(1_000);
    expect(journey.snapshot()).toMatchObject({ code: 'stale_snapshot' });
    expect(journey.snapshot({}, { fetched: true })).toMatchObject({ code: 'stale_snapshot' });
  });

  test('is remembered only if it was paid for, and at most ten are', () => {
    const journey = new Journey(march);
    for (let n = 1; n <= 24; n += 1) {
      const stripe_subscription_id = `sub_${n}`;
      journey.wait(1_000).snapshot({ stripe_subscription_id });
      if (n % 2 === 0) journey.paid(april, stripe_subscription_id, march);
      journey.wait(1_000).snapshot({ stripe_subscription_id, status: 'canceled' });
    }
    journey.wait(1_000).snapshot({ stripe_subscription_id: 'sub_25' });
    expect(journey.account.subscription?.former?.map((former) => former.stripe_subscription_id)).toEqual(
      [6, 8, 10, 12, 14, 16, 18, 20, 22, 24].map((n) => `sub_${n}`),
    );
  });
});

/** News of two subscriptions on grids that cross each other, in any order. */
const news = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, hour_ms, 9 * day_ms, 30 * day_ms) }),
  fc.record({ kind: fc.constant('until' as const), month: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('deduct' as const), amount: fc.integer({ min: 1, max: 700 }) }),
  fc.record({
    kind: fc.constant('snapshot' as const),
    subscription: fc.constantFrom(1, 1, 1, 2),
    status: fc.constantFrom('active', 'active', 'active', 'trialing', 'unpaid', 'incomplete', 'canceled'),
    plan: fc.constantFrom('pro', 'pro', 'ultimate'),
    anchor_months: fc.integer({ min: -1, max: 14 }),
    anchor_days: fc.constantFrom(0, 0, 0, 16),
    fetched: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('paid' as const),
    subscription: fc.constantFrom(1, 1, 1, 2),
    from_months: fc.integer({ min: -1, max: 14 }),
    from_days: fc.constantFrom(0, 0, 0, 16),
    months: fc.constantFrom(1, 1, 1, 2, 12),
  }),
);

test('no history of subscription events books an entry twice', () => {
  const anchors = fc.constantFrom(march, instant('2026-01-31T00:00:00Z'));
  fc.assert(
    fc.property(catalogs, anchors, fc.array(news, { maxLength: 60, size: 'max' }), (by, anchor, happened) => {
      const journey = new Journey(anchor, by);
      for (const what of happened) {
        if (what.kind === 'wait') journey.wait(what.ms);
        else if (what.kind === 'until')
          journey.now = periodStart(anchor, monthsSince(anchor, journey.now) + what.month);
        else if (what.kind === 'deduct') journey.deduct(what.amount);
        else if (what.kind === 'paid') {
          const from = periodStart(anchor, what.from_months) + what.from_days * day_ms;
          journey.subscription({
            stripe_subscription_id: `sub_${what.subscription}`,
            paid: { from, through: periodStart(from, what.months) },
          });
        } else {
          const billing_cycle_anchor = periodStart(anchor, what.anchor_months) + what.anchor_days * day_ms;
          const { status, plan, fetched } = what;
          const stripe_subscription_id = `sub_${what.subscription}`;
          journey.snapshot({ stripe_subscription_id, status, plan, billing_cycle_anchor }, { fetched });
        }
      }
      // A journey throws at a second entry of one id.
      const ids = journey.entries.map(({ entry_id }) => entry_id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 20 * runs.numRuns },
  );
});

function monthsSince(anchor: number, now: number): number {
  let months = 0;
  while (periodStart(anchor, months + 1) <= now) months += 1;
  return months;
}
