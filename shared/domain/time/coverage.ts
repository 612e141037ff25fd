import type { Account } from '../account/account.ts';
import { isInForce, type PaidStretch } from '../account/subscription.ts';
import { periodIndexAt, periodStart } from '../period.ts';
import { type Catalog, planOf } from '../plan.ts';
import type { Instant } from '../units.ts';

/**
 * Whether period `index` of a subscription's grid is paid for. The period must begin before the
 * paid time ends. Unless it lies before the anchor (a trial), the payment must also belong to this
 * grid: what was paid before the anchor moved does not pay for the new grid.
 */
export function isCovered(anchor_at: Instant, index: number, paid: PaidStretch): boolean {
  return periodStart(anchor_at, index) < paid.through && (index < 0 || paid.from >= anchor_at);
}

/**
 * The newest period of a subscription's grid that has begun at `now` and is paid for; null if there
 * is none.
 */
export function newestCoveredIndex(anchor_at: Instant, paid: PaidStretch, now: Instant): number | null {
  const running = periodIndexAt(anchor_at, now);
  const newest = Math.min(running, periodIndexAt(anchor_at, paid.through - 1));
  return isCovered(anchor_at, newest, paid) ? newest : null;
}

/**
 * The start of the latest period that the account was given for its subscription; before all time
 * if it was given none.
 */
export function latestGiven({ period, subscription }: Pick<Account, 'period' | 'subscription'>): Instant {
  const { stripe_subscription_id, left = null, gone_back_from = Number.NEGATIVE_INFINITY } = subscription ?? {};
  const running = period.stripe_subscription_id === stripe_subscription_id ? [period] : [];
  const given = [...running, ...(left === null ? [] : [left])];
  return Math.max(gone_back_from, ...given.map(({ anchor_at, index }) => periodStart(anchor_at, index)));
}

/**
 * The next period to open on the account's grid; null if the next one is not paid for. If several
 * have begun at `now`, it is the newest, because skipped periods are not granted. A plan with
 * rollover skips no paid period, because each hands something on to the next. The free plan's
 * periods are always paid for. No period is opened twice, even if the account has gone back behind
 * it.
 */
export function nextCoveredIndex(account: Account, catalog: Catalog, now: Instant): number | null {
  const { period, subscription } = account;
  const { plan, anchor_at, index, stripe_subscription_id } = period;
  const skips = planOf(catalog, plan).rollover === null;
  if (stripe_subscription_id === null) return skips ? Math.max(periodIndexAt(anchor_at, now), index + 1) : index + 1;
  if (subscription?.stripe_subscription_id !== stripe_subscription_id || !isInForce(subscription)) return null;
  const next = Math.max(index, periodIndexAt(anchor_at, latestGiven(account))) + 1;
  if (!isCovered(anchor_at, next, subscription.paid)) return null;
  const { paid } = subscription;
  return Math.max(
    skips ? (newestCoveredIndex(anchor_at, paid, now) ?? index) : periodIndexAt(anchor_at, paid.from),
    next,
  );
}
