import { UTCDateMini } from '@date-fns/utc/date/mini';
import { addDays } from 'date-fns/addDays';
import { addMonths } from 'date-fns/addMonths';
import { addWeeks } from 'date-fns/addWeeks';
import { addYears } from 'date-fns/addYears';
import type Stripe from 'stripe';

export const HOUR = 3600;
export const DAY = 24 * HOUR;

/**
 * The k-th boundary of a billing cycle, always counted from the anchor: 31 January, 28 February, 31
 * March. Epoch seconds, UTC.
 * @see https://docs.stripe.com/billing/subscriptions/billing-cycle
 */
function boundary(anchor: number, { interval, interval_count }: Stripe.Price.Recurring, k: number): number {
  const date = new UTCDateMini(anchor * 1000);
  const amount = k * interval_count;
  switch (interval) {
    case 'day':
      return addDays(date, amount).getTime() / 1000;
    case 'week':
      return addWeeks(date, amount).getTime() / 1000;
    case 'year':
      return addYears(date, amount).getTime() / 1000;
    default:
      return addMonths(date, amount).getTime() / 1000;
  }
}

/** The cycle's period that holds a moment. */
export function currentPeriod(
  anchor: number,
  recurring: Stripe.Price.Recurring,
  now: number,
): { start: number; end: number } {
  let k = 0;
  while (boundary(anchor, recurring, k + 1) <= now) k += 1;
  return { start: boundary(anchor, recurring, k), end: boundary(anchor, recurring, k + 1) };
}

/** The first boundary after a moment. */
export function nextBoundary(anchor: number, recurring: Stripe.Price.Recurring, after: number): number {
  let k = 1;
  while (boundary(anchor, recurring, k) <= after) k += 1;
  return boundary(anchor, recurring, k);
}
