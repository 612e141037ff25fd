import { describe, expect, test } from 'vitest';
import { alignPeriod } from '../../shared/domain/billing/align-period.ts';
import { periodStart } from '../../shared/domain/period.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, pro, pro_paid_through, proJourney } from './fixtures.ts';

describe('the configuration names another free plan', () => {
  test('the running period goes on under it, and keeps what was used', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.deduct(30);
    const starter = { id: 'starter', name: 'Starter', monthly_credits: 150, features: [], rollover: null };
    const by = { ...catalog, plans: [...catalog.plans, starter], free_plan: starter.id };
    const { account, entries } = alignPeriod(presentOf(journey.account, by, journey.now));
    expect(account.period).toEqual({ ...journey.account.period, plan: 'starter' });
    expect(entries).toMatchObject([
      { entry_id: 'plan:none:starter@1772323200.3:close', amount: -70 },
      { entry_id: 'plan:none:starter@1772323200.3:open', amount: 120, description: 'Starter' },
    ]);
  });
});

test('the entry that closes a lot names the new plan as its reason', () => {
  const journey = proJourney();
  journey.wait(day_ms).snapshot({ plan: 'pro_plus' });
  expect(journey.entries.at(-2)?.description).toBe('unused monthly credits end with the change to Pro Plus');
});

describe('a trial is prolonged', () => {
  test('it stays one trial: what was used is carried over', () => {
    const ends_at = instant('2026-03-24T12:00:00Z');
    const journey = proJourney({ status: 'trialing', billing_cycle_anchor: ends_at, current_period_end: ends_at });
    journey.deduct(900);
    journey.wait(day_ms);
    const billing_cycle_anchor = ends_at + 7 * day_ms;
    const paid = { from: pro.billing_cycle_anchor, through: billing_cycle_anchor };
    journey.snapshot({ status: 'trialing', billing_cycle_anchor }, { paid });
    expect(journey.account.period).toMatchObject({ anchor_at: billing_cycle_anchor, index: -1 });
    expect(journey.monthly).toMatchObject({ remaining: 100, expires_at: billing_cycle_anchor });
  });
});

describe('a paid period that was left', () => {
  test('is fresh when the account comes back on a moved anchor that was paid for', () => {
    const journey = proJourney();
    journey.deduct(950);
    journey.wait(day_ms).snapshot({ status: 'unpaid' });
    journey.wait(day_ms);
    const billing_cycle_anchor = journey.now;
    const paid = { from: billing_cycle_anchor, through: periodStart(billing_cycle_anchor, 1) };
    journey.snapshot({ billing_cycle_anchor }, { paid });
    expect(journey.account.period).toMatchObject({ anchor_at: billing_cycle_anchor, index: 0 });
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000 });
  });

  test('costs the free period nothing when it is left twice in its first millisecond', () => {
    const journey = proJourney();
    journey.deduct(300);
    for (const status of ['unpaid', 'active', 'unpaid']) journey.snapshot({ status }, { fetched: true });
    expect(journey.account.subscription?.left).toMatchObject({ anchor_at: journey.now, index: 0, used: 300 });
    expect(journey.monthly).toMatchObject({ amount: 100, remaining: 100 });
  });

  test('is remembered for its own subscription only', () => {
    const { account, now } = proJourney();
    const other = { ...pro, stripe_subscription_id: 'sub_2', status: 'incomplete', paid: null, left: null };
    for (const subscription of [other, null]) {
      const aligned = alignPeriod(presentOf({ ...account, subscription }, catalog, now));
      expect(aligned.account.subscription).toEqual(subscription);
      expect(aligned.account.period).toMatchObject({ plan: 'free', stripe_subscription_id: null });
    }
  });
});

test('a plan change in the very millisecond in which the renewal grace ends opens no lot', () => {
  const journey = proJourney();
  journey.now = pro_paid_through + catalog.policies.renewal_grace_ms;
  journey.snapshot({ plan: 'pro_plus' });
  expect(journey.account.period).toMatchObject({ plan: 'pro_plus', index: 0 });
  expect(journey.account.lots).toEqual([]);
});

describe('a subscription first heard of when it is over', () => {
  const heardLate = (status: string) => {
    const journey = new Journey('2026-03-01T00:00:00Z').to('2026-03-20T00:00:00Z');
    journey.deduct(30);
    journey.snapshot({ status });
    expect(journey.monthly?.remaining).toBe(70);
    journey.paid(pro_paid_through);
    return journey;
  };

  test.each(['canceled', 'unpaid'])('opens one fresh free period if it was paid for: %s', (status) => {
    const journey = heardLate(status);
    expect(journey.account.period).toMatchObject({ plan: 'free', anchor_at: journey.now, index: 0 });
    expect(journey.monthly).toMatchObject({ amount: 100, remaining: 100 });
    journey.deduct(10);
    journey.wait(day_ms).paid(pro_paid_through);
    expect(journey.monthly?.remaining).toBe(90);
  });

  test('still has its whole paid period when it becomes active again', () => {
    const journey = heardLate('unpaid');
    expect(journey.account.subscription?.left).toEqual({ anchor_at: pro.billing_cycle_anchor, index: 0, used: 0 });
    journey.wait(1_000).snapshot();
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000 });
  });

  test('opens nothing if its first payment is not known yet', () => {
    const journey = heardLate('incomplete');
    expect(journey.monthly?.remaining).toBe(70);
    expect(journey.account.subscription?.left).toBeNull();
  });
});
