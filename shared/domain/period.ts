import { UTCDateMini } from '@date-fns/utc/date/mini';
import { addMonths } from 'date-fns/addMonths';
import { differenceInCalendarMonths } from 'date-fns/differenceInCalendarMonths';
import type { Instant } from './units.ts';

/**
 * Start of period `index` on the monthly grid of `anchor_at`, in UTC: the anchor plus `index`
 * months, clamped to the month's end. It is always counted from the anchor (31 Jan → 29 Feb → 31
 * Mar), as Stripe counts from its billing_cycle_anchor. Periods are half open: period k is
 * [periodStart(k), periodStart(k + 1)). A negative index lies before the anchor (a trial).
 */
export function periodStart(anchor_at: Instant, index: number): Instant {
  return addMonths(new UTCDateMini(anchor_at), index).getTime();
}

/** End (exclusive) of period `index`. */
export function periodEnd(anchor_at: Instant, index: number): Instant {
  return periodStart(anchor_at, index + 1);
}

/** Index of the period that contains `at`. */
export function periodIndexAt(anchor_at: Instant, at: Instant): number {
  const months = differenceInCalendarMonths(new UTCDateMini(at), new UTCDateMini(anchor_at));
  return periodStart(anchor_at, months) <= at ? months : months - 1;
}

/** Index of the period that begins at `at`; null if none on the grid does. */
export function periodIndexFrom(anchor_at: Instant, at: Instant): number | null {
  const index = periodIndexAt(anchor_at, at);
  return periodStart(anchor_at, index) === at ? index : null;
}
