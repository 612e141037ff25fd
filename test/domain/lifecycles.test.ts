import { describe, expect, test } from 'vitest';
import { hasFeature } from '../../shared/domain/access/features.ts';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { periodStart } from '../../shared/domain/period.ts';
import { day_ms, hour_ms, toIso } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, pro, pro_paid_through, proJourney } from './fixtures.ts';

const { billing_cycle_anchor: anchor } = pro;
const boundary = (months: number) => periodStart(anchor, months);

/** The invoice of a whole month of pro, the first being month 0. */
function payMonth(journey: Journey, month: number) {
  return journey.paid(boundary(month + 1), 'sub_1', boundary(month));
}

/** What the customer sees. */
function seen(journey: Journey) {
  journey.roll();
  const { plan, monthly_credits, available_credits } = balanceAt(journey.account, catalog, journey.now);
  return { plan, monthly_credits, available_credits };
}

const free = { plan: 'free', monthly_credits: 100, available_credits: 100 };
const fresh = { plan: 'pro', monthly_credits: 1_000, available_credits: 1_000 };
const nothing = { plan: 'pro', monthly_credits: 0, available_credits: 0 };
const left = (available_credits: number) => ({ ...fresh, available_credits });

/** How many whole allowances of pro there were. */
function opened(journey: Journey): number {
  return journey.entries.filter(({ amount }) => amount === 1_000).length;
}

describe('a trial', () => {
  const ends_at = instant('2026-03-24T12:00:00Z');
  const onTrial = () => {
    const journey = proJourney({ status: 'trialing', billing_cycle_anchor: ends_at, current_period_end: ends_at });
    journey.deduct(900);
    return journey;
  };
  const end = (journey: Journey, status: string) => {
    journey.now = ends_at;
    journey.snapshot({ status, billing_cycle_anchor: ends_at });
    return journey;
  };

  test('paid for when it ends: two allowances in all', () => {
    const journey = end(onTrial(), 'active');
    expect(seen(journey)).toEqual(left(100));
    journey.wait(hour_ms).paid(periodStart(ends_at, 1), 'sub_1', ends_at);
    expect(seen(journey)).toEqual(fresh);
    expect(opened(journey)).toBe(2);
  });

  test.each(['canceled', 'paused'])('not paid for: the account is on the free plan when it ends: %s', (status) => {
    const journey = end(onTrial(), status);
    expect(seen(journey)).toEqual(free);
    expect(opened(journey)).toBe(1);
  });

  test('canceled early: the account is on the free plan at once', () => {
    const journey = onTrial();
    journey.wait(day_ms).snapshot({ status: 'canceled', billing_cycle_anchor: ends_at });
    expect(seen(journey)).toEqual(free);
  });
});

describe('a plan change', () => {
  test.each([
    ['up', 'pro_plus', 4_700],
    ['down', 'pro', 0],
  ] as const)('%s in the middle of a period carries over what was used; the next period is whole', (_, plan, rest) => {
    const journey = proJourney({ plan: plan === 'pro' ? 'pro_plus' : 'pro' });
    journey.deduct(plan === 'pro' ? 1_200 : 300);
    journey.wait(9 * day_ms).snapshot({ plan });
    journey.paid(boundary(1), 'sub_1', journey.now);
    expect(seen(journey)).toMatchObject({ plan, available_credits: rest });
    journey.now = boundary(1);
    payMonth(journey, 1);
    const whole = plan === 'pro' ? 1_000 : 5_000;
    expect(seen(journey)).toMatchObject({ plan, available_credits: whole, monthly_credits: whole });
  });

  test('scheduled for the period’s end changes nothing before', () => {
    const journey = proJourney({ plan: 'pro_plus' });
    journey.deduct(1_200);
    journey.wait(day_ms).snapshot({ plan: 'pro_plus' });
    expect(seen(journey)).toMatchObject({ plan: 'pro_plus', available_credits: 3_800 });
    journey.now = boundary(1);
    journey.snapshot({ plan: 'pro' });
    journey.wait(hour_ms);
    payMonth(journey, 1);
    expect(seen(journey)).toEqual(fresh);
  });
});

describe('a cancellation', () => {
  test('at the period’s end changes nothing until then, and nothing if it is taken back', () => {
    const journey = proJourney();
    journey.deduct(300);
    const { lots, period } = journey.account;
    for (const cancel_at_period_end of [true, false, true]) {
      journey.wait(day_ms).snapshot({ cancel_at_period_end });
      expect(journey.account).toMatchObject({ lots, period, subscription: { cancel_at_period_end } });
    }
    journey.now = boundary(1);
    journey.snapshot({ status: 'canceled', cancel_at_period_end: true });
    expect(seen(journey)).toEqual(free);
  });

  test('at once ends in the free plan, and its last invoice brings nothing back', () => {
    const journey = proJourney();
    journey.deduct(300);
    journey.wait(day_ms).snapshot({ status: 'canceled' });
    expect(seen(journey)).toEqual(free);
    payMonth(journey, 1);
    expect(seen(journey)).toEqual(free);
  });
});

describe('a pause', () => {
  test('means the free plan; resumed in the same period, the account keeps what it had used', () => {
    const journey = proJourney();
    journey.deduct(300);
    journey.wait(day_ms).snapshot({ status: 'paused' });
    expect(seen(journey)).toEqual(free);
    journey.wait(day_ms).snapshot();
    expect(seen(journey)).toEqual(left(700));
  });

  test('resumed later, the account’s period begins where it is paid for', () => {
    const journey = proJourney();
    journey.deduct(300);
    journey.wait(day_ms).snapshot({ status: 'paused' });
    journey.now = boundary(2) + 5 * day_ms;
    const resumed_at = journey.now;
    journey.snapshot({ billing_cycle_anchor: resumed_at });
    journey.paid(periodStart(resumed_at, 1), 'sub_1', resumed_at);
    expect(seen(journey)).toEqual(fresh);
    expect(journey.account.period.anchor_at).toBe(resumed_at);
  });

  test('of collection only: the subscription stays active, nothing is paid and no allowance is given', () => {
    const journey = proJourney();
    journey.deduct(300);
    for (const months of [1, 2]) {
      journey.now = boundary(months);
      journey.snapshot({ current_period_end: boundary(months + 1) });
    }
    expect(seen(journey)).toEqual(nothing);
    journey.now = boundary(3);
    journey.snapshot({ current_period_end: boundary(4) });
    payMonth(journey, 3);
    expect(seen(journey)).toEqual(fresh);
    expect(opened(journey)).toBe(2);
  });
});

test('a year has twelve refills, and no thirteenth before it is paid', () => {
  const journey = new Journey(anchor);
  journey.snapshot({ interval: 'year', current_period_end: boundary(12) });
  journey.paid(boundary(12), 'sub_1', anchor);
  for (let month = 0; month < 12; month += 1) {
    journey.now = boundary(month);
    expect(seen(journey)).toEqual(fresh);
    journey.deduct(1_000);
  }
  expect(opened(journey)).toBe(12);
  journey.now = boundary(12) + 4 * day_ms;
  expect(seen(journey)).toEqual(nothing);
  journey.paid(boundary(24), 'sub_1', boundary(12));
  expect(seen(journey)).toEqual(fresh);
  expect(opened(journey)).toBe(13);
});

describe('a first payment', () => {
  const incomplete = () => {
    const journey = new Journey(anchor);
    journey.deduct(30);
    journey.snapshot({ status: 'incomplete' });
    expect(seen(journey)).toMatchObject({ plan: 'free', available_credits: 70 });
    return journey;
  };

  test('that never comes leaves the account on the free plan', () => {
    const journey = incomplete();
    journey.wait(23 * hour_ms).snapshot({ status: 'incomplete_expired' });
    expect(seen(journey)).toMatchObject({ plan: 'free', available_credits: 70 });
    expect(journey.account.period.anchor_at).toBe(anchor);
  });

  test('that comes late gives the plan then, once', () => {
    const journey = incomplete();
    journey.wait(hour_ms).snapshot();
    expect(seen(journey)).toMatchObject({ plan: 'free', available_credits: 70 });
    payMonth(journey, 0);
    payMonth(journey, 0);
    expect(seen(journey)).toEqual(fresh);
    expect(opened(journey)).toBe(1);
  });
});

describe('a renewal that is not paid', () => {
  const unpaid = (days: number) => {
    const journey = proJourney();
    journey.deduct(300);
    journey.now = boundary(1);
    journey.snapshot({ current_period_end: boundary(2) });
    journey.wait(hour_ms).snapshot({ status: 'past_due', current_period_end: boundary(2) });
    journey.now = boundary(1) + days * day_ms;
    return journey;
  };

  test.each([
    ['in the grace', 2, left(700)],
    ['after it', 5, nothing],
  ])('gives no new period, and exactly one when it is paid %s', (_, days, before) => {
    const journey = unpaid(days);
    expect(seen(journey)).toEqual(before);
    expect(opened(journey)).toBe(1);
    for (const again of [0, 1]) {
      journey.wait(again);
      payMonth(journey, 1);
      journey.snapshot({ current_period_end: boundary(2) });
      expect(seen(journey)).toEqual(fresh);
    }
    expect(opened(journey)).toBe(2);
    expect(journey.entries.findLast(({ transaction_type }) => transaction_type === 'reset')?.entry_id).toBe(
      `reset:sub_1:${toIso(pro_paid_through)}`,
    );
  });

  test('keeps the features for a week after the paid time', () => {
    const journey = unpaid(6);
    const has = (now: number) => hasFeature(journey.account, catalog, 'scheduling', now);
    expect([has(boundary(1) + 7 * day_ms - 1), has(boundary(1) + 7 * day_ms)]).toEqual([true, false]);
  });

  test('for ever ends in the free plan', () => {
    const journey = unpaid(14);
    journey.snapshot({ status: 'canceled' });
    expect(seen(journey)).toEqual(free);
    expect(opened(journey)).toBe(1);
  });

  test.each([
    ['its money first', true],
    ['its status first', false],
  ])('and given up ends in the free plan; paid after all it is one fresh period, %s', (_, money_first) => {
    const journey = unpaid(14);
    journey.snapshot({ status: 'unpaid' });
    expect(seen(journey)).toEqual(free);
    journey.wait(day_ms);
    if (money_first) payMonth(journey, 1);
    journey.snapshot();
    if (!money_first) payMonth(journey, 1);
    expect(seen(journey)).toEqual(fresh);
    journey.deduct(400);
    payMonth(journey, 1);
    journey.wait(1_000).snapshot();
    expect(seen(journey)).toEqual(left(600));
  });
});
