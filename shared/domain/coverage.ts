import type { Account } from './account.ts';
import { periodIndexAt, periodStart } from './period.ts';
import { isInForce, type PaidStretch } from './subscription.ts';
import type { Instant } from './units.ts';

/**
 * Whether period `index` of a subscription's grid is paid for: it begins before the end of what was paid and, unless it lies before
 * the anchor (a trial), the payment belongs to this grid. What was paid before the anchor moved does not pay for the new grid.
 */
export function isCovered(anchor_at: Instant, index: number, paid: PaidStretch): boolean {
  return periodStart(anchor_at, index) < paid.through && (index < 0 || paid.from >= anchor_at);
}

/** The newest period of a subscription's grid that has begun at `now` and is paid for; null when there is none. */
export function newestCoveredIndex(anchor_at: Instant, paid: PaidStretch, now: Instant): number | null {
  const running = periodIndexAt(anchor_at, now);
  const newest = Math.min(running, periodIndexAt(anchor_at, paid.through - 1));
  return isCovered(anchor_at, newest, paid) ? newest : null;
}

/**
 * The next period of the account's grid that is paid for and, if several have begun at `now`, the newest of them; null when the next
 * is not paid for. The free plan's periods always are.
 */
export function nextCoveredIndex({ period, subscription }: Account, now: Instant): number | null {
  const { anchor_at, index, stripe_subscription_id } = period;
  if (stripe_subscription_id === null) return Math.max(periodIndexAt(anchor_at, now), index + 1);
  if (subscription?.stripe_subscription_id !== stripe_subscription_id || !isInForce(subscription)) return null;
  if (!isCovered(anchor_at, index + 1, subscription.paid)) return null;
  return Math.max(newestCoveredIndex(anchor_at, subscription.paid, now) ?? index, index + 1);
}
