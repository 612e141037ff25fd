import type { Account, Period } from './account.ts';
import { periodEnd, periodIndexAt, periodStart } from './period.ts';
import { isInForce } from './subscription.ts';
import type { Instant } from './units.ts';

/**
 * End of the time for which the period's grid is paid: for ever on the free plan; on a subscription what its paid invoices cover;
 * nothing once the subscription is no longer in force.
 */
export function coveredUntil(account: Account, period: Period = account.period): Instant {
  if (period.stripe_subscription_id === null) return Number.POSITIVE_INFINITY;
  const { subscription } = account;
  if (subscription?.stripe_subscription_id !== period.stripe_subscription_id) return Number.NEGATIVE_INFINITY;
  return isInForce(subscription) ? subscription.paid_through : Number.NEGATIVE_INFINITY;
}

/** The newest period of the grid that has begun at `now` and begins before `covered_until`. */
export function newestCoveredIndex(anchor_at: Instant, covered_until: Instant, now: Instant): number {
  const running = periodIndexAt(anchor_at, now);
  return periodStart(anchor_at, running) < covered_until ? running : periodIndexAt(anchor_at, covered_until - 1);
}

/** Whether the period after this one is paid for. */
export function nextIsCovered(account: Account): boolean {
  const { anchor_at, index } = account.period;
  return periodEnd(anchor_at, index) < coveredUntil(account);
}
