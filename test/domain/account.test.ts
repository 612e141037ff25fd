import { describe, expect, test } from 'vitest';
import {
  availableCredits,
  graceOf,
  isUnlimited,
  monthlyLot,
  newAccount,
  planInEffect,
  resetAt,
  statusOf,
} from '../../shared/domain/account/account.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, pro_paid_through, proJourney } from './fixtures.ts';

test('a new account is not stored, has no lots and is on the free plan', () => {
  const account = newAccount('u_1', catalog, 5);
  expect(account).toMatchObject({ version: 0, seq: 0, head_hash: '', created_at: 5, updated_at: 5, lots: [] });
  expect([statusOf(account), planInEffect(account, catalog).id, monthlyLot(account)]).toEqual([
    'active',
    'free',
    undefined,
  ]);
});

describe('the plan in effect', () => {
  test('is the subscription’s from its first payment on', () => {
    const journey = new Journey('2026-03-01T00:00:00Z').to('2026-03-10T12:00:00Z');
    journey.snapshot();
    expect(planInEffect(journey.account, catalog).id).toBe('free');
    journey.paid(pro_paid_through);
    expect(planInEffect(journey.account, catalog).id).toBe('pro');
  });

  test.each([
    ['active', 'pro'],
    ['trialing', 'pro'],
    ['past_due', 'pro'],
    ['unpaid', 'free'],
    ['paused', 'free'],
    ['incomplete', 'free'],
    ['incomplete_expired', 'free'],
    ['canceled', 'free'],
  ])('under a subscription that is %s is %s', (status, plan) => {
    const journey = proJourney();
    journey.wait(1_000);
    journey.snapshot({ status });
    expect(planInEffect(journey.account, catalog).id).toBe(plan);
    expect(statusOf(journey.account)).toBe(status);
  });
});

test('the next reset is at the end of the period', () => {
  expect(resetAt(proJourney().account)).toBe(pro_paid_through);
  expect(resetAt(new Journey('2026-01-31T00:00:00Z').account)).toBe(instant('2026-02-28T00:00:00Z'));
});

test('a paid period has a renewal grace, a free one has none', () => {
  expect(graceOf(proJourney().account.period, catalog)).toBe(3 * day_ms);
  expect(graceOf(new Journey('2026-01-31T00:00:00Z').account.period, catalog)).toBe(0);
});

test('an unlimited plan is unlimited until its renewal grace ends', () => {
  const { account } = proJourney({ plan: 'ultimate' });
  const end = pro_paid_through + 3 * day_ms;
  expect([end - 1, end].map((at) => isUnlimited(account, catalog, at))).toEqual([true, false]);
  expect([end - 1, end].map((at) => availableCredits(account, catalog, at))).toEqual([null, 0]);
  expect(isUnlimited(proJourney().account, catalog, 0)).toBe(false);
});
