import { expect, test } from 'vitest';
import { periodStart } from '../../shared/domain/period.ts';
import { isCovered, latestGiven, newestCoveredIndex, nextCoveredIndex } from '../../shared/domain/time/coverage.ts';
import { capped_rollover, catalog, instant, Journey, pro_paid, pro_paid_through, proJourney } from './fixtures.ts';

const anchor = instant('2026-03-10T12:00:00Z');

test.each([
  ['in the running period', '2026-06-10T12:00:00Z', '2026-04-20T00:00:00Z', 1],
  ['on the boundary', '2026-06-10T12:00:00Z', '2026-04-10T12:00:00Z', 1],
  ['past what is covered', '2026-04-10T12:00:00Z', '2026-08-01T00:00:00Z', 0],
  ['past what is covered by a millisecond of the next', '2026-04-10T12:00:00.001Z', '2026-08-01T00:00:00Z', 1],
])('the newest covered period, %s', (_, through, now, index) => {
  expect(newestCoveredIndex(anchor, { from: anchor, through: instant(through) }, instant(now))).toBe(index);
});

test('a trial is covered by a payment from before the anchor, up to the anchor and no further', () => {
  const trial = { from: instant('2026-03-03T12:00:00Z'), through: anchor };
  expect(newestCoveredIndex(anchor, trial, instant('2026-03-05T00:00:00Z'))).toBe(-1);
  expect(newestCoveredIndex(anchor, trial, instant('2026-03-11T00:00:00Z'))).toBe(-1);
  expect(isCovered(anchor, 0, trial)).toBe(false);
});

test('a payment from before the anchor moved does not cover the new grid', () => {
  const before = { from: instant('2026-03-01T12:00:00Z'), through: instant('2026-04-01T12:00:00Z') };
  expect(newestCoveredIndex(anchor, before, instant('2026-03-11T00:00:00Z'))).toBeNull();
  expect(newestCoveredIndex(anchor, pro_paid, instant('2026-03-11T00:00:00Z'))).toBe(0);
});

test('the next paid period is covered if it begins before the paid time ends; a free one always is', () => {
  const journey = proJourney();
  expect(nextCoveredIndex(journey.account, catalog, journey.now)).toBeNull();
  journey.paid(pro_paid_through + 1);
  expect(nextCoveredIndex(journey.account, catalog, journey.now)).toBe(1);
  const free = new Journey('2026-03-01T00:00:00Z');
  expect(nextCoveredIndex(free.account, catalog, free.now)).toBe(1);
  expect(nextCoveredIndex(free.account, catalog, instant('2026-07-15T00:00:00Z'))).toBe(4);
});

test('a subscription that is not in force covers nothing', () => {
  const journey = proJourney();
  const paid_period = journey.account.period;
  journey.wait(1_000);
  journey.snapshot({ status: 'unpaid' });
  expect(nextCoveredIndex({ ...journey.account, period: paid_period }, catalog, journey.now)).toBeNull();
  const other = { ...paid_period, stripe_subscription_id: 'sub_2' };
  expect(nextCoveredIndex({ ...proJourney().account, period: other }, catalog, journey.now)).toBeNull();
});

test('a plan with rollover skips no period that was paid for', () => {
  const free = new Journey('2026-03-01T00:00:00Z', capped_rollover);
  expect(nextCoveredIndex(free.account, capped_rollover, instant('2026-07-15T00:00:00Z'))).toBe(1);
  const yearly = proJourney({}, capped_rollover);
  yearly.paid('2027-03-10T12:00:00Z', 'sub_1', anchor);
  const now = instant('2026-07-15T00:00:00Z');
  expect(nextCoveredIndex(yearly.account, capped_rollover, now)).toBe(1);
  expect(nextCoveredIndex(yearly.account, catalog, now)).toBe(4);
});

test('a plan with rollover skips periods that were not paid for', () => {
  const { account } = proJourney({}, capped_rollover);
  const through = instant('2026-08-10T12:00:00Z');
  const paid = { from: instant('2026-06-10T12:00:00Z'), through };
  const { subscription } = account;
  if (subscription === null) throw new Error('it has a subscription');
  const later = { ...account, subscription: { ...subscription, paid } };
  expect(nextCoveredIndex(later, capped_rollover, instant('2026-07-15T00:00:00Z'))).toBe(3);
});

test('a period paid ahead is not covered once its subscription is not in force, or is another one', () => {
  const journey = proJourney();
  journey.paid('2026-05-10T12:00:00Z');
  const { period } = journey.account;
  expect(nextCoveredIndex(journey.account, catalog, journey.now)).toBe(1);
  const other = { ...period, stripe_subscription_id: 'sub_2' };
  expect(nextCoveredIndex({ ...journey.account, period: other }, catalog, journey.now)).toBeNull();
  expect(nextCoveredIndex({ ...journey.account, subscription: null }, catalog, journey.now)).toBeNull();
  journey.wait(1_000).snapshot({ status: 'unpaid' });
  expect(nextCoveredIndex({ ...journey.account, period }, catalog, journey.now)).toBeNull();
});

test('the latest period given is the running one, the one that was left, or the one gone back from', () => {
  const { account } = proJourney();
  const { subscription, period } = account;
  if (subscription === null) throw new Error('it has a subscription');
  const month = (index: number) => periodStart(anchor, index);
  const left = { anchor_at: anchor, index: 1, used: 0 };
  expect(latestGiven(account)).toBe(anchor);
  expect(latestGiven({ period, subscription: { ...subscription, left } })).toBe(month(1));
  expect(latestGiven({ period: { ...period, index: 2 }, subscription: { ...subscription, left } })).toBe(month(2));
  expect(latestGiven({ period, subscription: { ...subscription, left, gone_back_from: month(3) } })).toBe(month(3));
  const free = { ...period, stripe_subscription_id: null };
  expect(latestGiven({ period: free, subscription })).toBe(Number.NEGATIVE_INFINITY);
  expect(latestGiven({ period: free, subscription: null })).toBe(Number.NEGATIVE_INFINITY);
});

test('no period is given twice', () => {
  const { account } = proJourney({}, capped_rollover);
  const { subscription } = account;
  if (subscription === null) throw new Error('it has a subscription');
  const paid = { from: anchor, through: periodStart(anchor, 6) };
  const now = periodStart(anchor, 4);
  for (const [gone_back_from, next] of [
    [periodStart(anchor, 2), 3],
    [periodStart(anchor, 2) - 1, 2],
    [periodStart(anchor, 6), null],
  ] as const) {
    const gone_back = { ...account, subscription: { ...subscription, paid, gone_back_from } };
    expect(nextCoveredIndex(gone_back, capped_rollover, now)).toBe(next);
  }
});
