import type { Interval, PlanId } from './plan.ts';
import type { Instant } from './units.ts';

/** What one Stripe subscription says of itself, in our words. */
export interface SubscriptionSnapshot {
  readonly stripe_subscription_id: string;
  readonly plan: PlanId;
  readonly interval: Interval;
  /** Stripe's word; one that we do not know counts as not live. */
  readonly status: string;
  readonly billing_cycle_anchor: Instant;
  readonly current_period_end: Instant;
  /** Also true when `cancel_at` is set: it will end. */
  readonly cancel_at_period_end: boolean;
  /** When Stripe made the newest event that this was taken from, in Stripe's whole seconds. */
  readonly snapshot_at: Instant;
}

/** The subscription that an account holds: the newest snapshot, and what was paid. */
export interface Subscription extends SubscriptionSnapshot {
  /** End of the time that paid invoices cover; null before the first. Only a paid invoice moves it. */
  readonly paid_through: Instant | null;
}

const live_statuses: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due']);
const ended_statuses: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

/** Whether the subscription gives its plan: Stripe calls it live, and at least once it was paid (a trial by its zero invoice). */
export function isInForce(subscription: Subscription): subscription is Subscription & { paid_through: Instant } {
  return live_statuses.has(subscription.status) && subscription.paid_through !== null;
}

/** Whether Stripe calls it live, paid or not: a second one must not be bought beside it. */
export function isLive(subscription: SubscriptionSnapshot): boolean {
  return live_statuses.has(subscription.status);
}

/** Whether nothing can bring it back. */
export function hasEnded(subscription: SubscriptionSnapshot): boolean {
  return ended_statuses.has(subscription.status);
}
