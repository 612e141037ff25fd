import { expect, test } from 'vitest';
import { coveredUntil, newestCoveredIndex, nextIsCovered } from '../../shared/domain/coverage.ts';
import { instant, Journey, pro_paid_through, proJourney } from './fixtures.ts';

const anchor = instant('2026-03-10T12:00:00Z');

test('free is covered for ever, a subscription until what was paid, one that is not in force not at all', () => {
  const journey = proJourney();
  const paid_period = journey.account.period;
  expect(coveredUntil(journey.account)).toBe(pro_paid_through);
  journey.wait(1_000);
  journey.snapshot({ status: 'unpaid' });
  expect(coveredUntil(journey.account)).toBe(Number.POSITIVE_INFINITY);
  expect(coveredUntil(journey.account, paid_period)).toBe(Number.NEGATIVE_INFINITY);
  const other = { ...paid_period, stripe_subscription_id: 'sub_2' };
  expect(coveredUntil(proJourney().account, other)).toBe(Number.NEGATIVE_INFINITY);
});

test.each([
  ['before it began', '2026-03-10T12:00:00.001Z', '2026-02-01T00:00:00Z', -2],
  ['in the running period', '2026-06-10T12:00:00Z', '2026-04-20T00:00:00Z', 1],
  ['on the boundary', '2026-06-10T12:00:00Z', '2026-04-10T12:00:00Z', 1],
  ['past what is covered', '2026-04-10T12:00:00Z', '2026-08-01T00:00:00Z', 0],
  ['past what is covered by a millisecond of the next', '2026-04-10T12:00:00.001Z', '2026-08-01T00:00:00Z', 1],
])('the newest covered period %s', (_, covered_until, now, index) => {
  expect(newestCoveredIndex(anchor, instant(covered_until), instant(now))).toBe(index);
});

test('the next period is covered when it begins before the end of what was paid', () => {
  const journey = proJourney();
  expect(nextIsCovered(journey.account)).toBe(false);
  journey.paid(pro_paid_through + 1);
  expect(nextIsCovered(journey.account)).toBe(true);
  expect(nextIsCovered(new Journey('2026-03-01T00:00:00Z').account)).toBe(true);
});
