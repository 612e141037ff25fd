import type { Interval, PlanId } from './plan.ts';
import type { Credits, Instant } from './units.ts';

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

/** A stretch of time that a paid invoice covers, half open. */
export interface PaidStretch {
  readonly from: Instant;
  readonly through: Instant;
}

/** A period of a subscription that the account has left, and what was used of it: coming back is no second allowance. */
export interface LeftPeriod {
  readonly anchor_at: Instant;
  readonly index: number;
  readonly used: Credits;
}

/** The subscription that an account holds: the newest snapshot, and what was paid. */
export interface Subscription extends SubscriptionSnapshot {
  /** What the newest paid invoice covers; null before the first. Nothing but a payment moves it. */
  readonly paid: PaidStretch | null;
  readonly left: LeftPeriod | null;
}

/** A subscription that the account has not held before. */
export function newSubscription(snapshot: SubscriptionSnapshot): Subscription {
  return { ...snapshot, paid: null, left: null };
}

/**
 * The newer of two payments: the one whose stretch begins later, then the one that reaches further. Not the furthest: when a year
 * is given up for a month, the year's end is no longer paid for. The same whichever is heard of first.
 */
export function newerPayment(a: PaidStretch | null, b: PaidStretch | null): PaidStretch | null {
  if (a === null || b === null) return a ?? b;
  if (a.from !== b.from) return a.from > b.from ? a : b;
  return a.through >= b.through ? a : b;
}

const live_statuses: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due']);
const ended_statuses: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

/** Whether the subscription gives its plan: Stripe calls it live, and at least once it was paid (a trial by its zero invoice). */
export function isInForce(subscription: Subscription): subscription is Subscription & { paid: PaidStretch } {
  return live_statuses.has(subscription.status) && subscription.paid !== null;
}

/** Whether Stripe calls it live, paid or not: a second one must not be bought beside it. */
export function isLive(subscription: SubscriptionSnapshot): boolean {
  return live_statuses.has(subscription.status);
}

/** Whether nothing can bring it back. */
export function hasEnded(subscription: SubscriptionSnapshot): boolean {
  return ended_statuses.has(subscription.status);
}
