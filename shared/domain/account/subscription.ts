import type { Interval, PlanId } from '../plan.ts';
import type { Credits, Instant } from '../units.ts';

/** A subscription's item with its price. */
export interface PricedItem {
  readonly stripe_item_id: string;
  readonly stripe_price_id: string;
}

/** The state of one Stripe subscription, in our words. */
export interface SubscriptionSnapshot {
  readonly stripe_subscription_id: string;
  readonly plan: PlanId;
  readonly interval: Interval;
  /** Stripe's word. A word that we do not know counts as not live. */
  readonly status: string;
  readonly billing_cycle_anchor: Instant;
  readonly current_period_end: Instant;
  /** True also if `cancel_at` is set: the subscription will end. */
  readonly cancel_at_period_end: boolean;
  /** When Stripe made the newest event behind this snapshot, in Stripe's whole seconds. */
  readonly snapshot_at: Instant;
  /** The plan's item; absent if nothing tells which it is. */
  readonly item?: PricedItem;
}

/** A stretch of time that a paid invoice covers, half open. */
export interface PaidStretch {
  readonly from: Instant;
  readonly through: Instant;
}

/** A line of a paid invoice. */
export interface PaidLine extends PaidStretch {
  /** The item that the line pays for; absent if nothing tells which it is. */
  readonly item?: PricedItem;
}

/**
 * A subscription's period that the account has left, and what was used of it. Coming back opens no
 * second allowance.
 */
export interface LeftPeriod {
  readonly anchor_at: Instant;
  readonly index: number;
  readonly used: Credits;
}

/**
 * What an account keeps of a subscription beside Stripe's state: what was paid, and what was given
 * for it.
 */
export interface SubscriptionPast {
  /** What the newest paid invoice covers; null before the first. Only a payment moves it. */
  readonly paid: PaidStretch | null;
  readonly left: LeftPeriod | null;
  /**
   * The latest start of a period from which the account went back to an earlier one, on another
   * grid.
   */
  readonly gone_back_from?: Instant;
}

/**
 * A subscription that another one has replaced. If it comes back, what was given for it is not
 * given again.
 */
export interface FormerSubscription extends SubscriptionPast {
  readonly stripe_subscription_id: string;
  readonly has_ended: boolean;
}

/**
 * The subscription that an account holds: the newest snapshot, what was paid, and the subscriptions
 * held before, the last one at the end.
 */
export interface Subscription extends SubscriptionSnapshot, SubscriptionPast {
  readonly former?: readonly FormerSubscription[];
}

/** Far more than anybody leaves and comes back to. An account must stay small. */
const former_max = 10;

/**
 * The snapshot's subscription in place of the current one, with its own past if the account has
 * held it before.
 */
export function takeOver(current: Subscription | null, snapshot: SubscriptionSnapshot): Subscription {
  const known = current === null ? [] : [...(current.former ?? []), ...formerOf(current)];
  const { paid = null, left = null, gone_back_from } = formerNamed(known, snapshot.stripe_subscription_id) ?? {};
  const former = known
    .filter(({ stripe_subscription_id }) => stripe_subscription_id !== snapshot.stripe_subscription_id)
    .slice(-former_max);
  return {
    ...snapshot,
    paid,
    left,
    ...(gone_back_from === undefined ? {} : { gone_back_from }),
    ...(former.length === 0 ? {} : { former }),
  };
}

/** Whether the account held this subscription before and saw its end. */
export function hasEndedBefore({ former = [] }: Subscription, stripe_subscription_id: string): boolean {
  return formerNamed(former, stripe_subscription_id)?.has_ended ?? false;
}

function formerNamed(former: readonly FormerSubscription[], id: string): FormerSubscription | undefined {
  return former.find(({ stripe_subscription_id }) => stripe_subscription_id === id);
}

/** A subscription that was never paid for has given nothing. */
function formerOf(current: Subscription): FormerSubscription[] {
  const { stripe_subscription_id, paid, left, gone_back_from } = current;
  if (paid === null) return [];
  const past = { paid, left, ...(gone_back_from === undefined ? {} : { gone_back_from }) };
  return [{ stripe_subscription_id, has_ended: hasEnded(current), ...past }];
}

/**
 * The newer of two payments: the stretch that begins later, then the one that reaches further. The
 * furthest alone would be wrong: when a year is given up for a month, the year's end is no longer
 * paid for. The result is the same, whichever is heard of first.
 */
export function newerPayment(a: PaidStretch | null, b: PaidStretch | null): PaidStretch | null {
  if (a === null || b === null) return a ?? b;
  if (a.from !== b.from) return a.from > b.from ? a : b;
  return a.through >= b.through ? a : b;
}

/**
 * What paid lines cover of the subscription's plan; null means nothing. Lines of other items, such
 * as add-ons, cover nothing of the plan. A line of the plan's item may have another price than the
 * known one, for an earlier, later or unknown plan; or the invoice has no line of that item. Then
 * the result is undefined: ask Stripe, unless it has answered snapshot and lines together.
 */
export function paidForPlan(
  { item }: SubscriptionSnapshot,
  lines: readonly PaidLine[],
  read_together: boolean,
): PaidStretch | null | undefined {
  const own = lines.filter((line) => isOfItem(line, item));
  const is_sure = read_together || (own.length > 0 && own.every((line) => isAtPrice(line, item)));
  if (!is_sure && lines.length > 0) return undefined;
  return own
    .map(({ from, through }): PaidStretch => ({ from, through }))
    .reduce<PaidStretch | null>(newerPayment, null);
}

function isOfItem(line: PaidLine, item: PricedItem | undefined): boolean {
  return line.item === undefined || item === undefined || line.item.stripe_item_id === item.stripe_item_id;
}

function isAtPrice(line: PaidLine, item: PricedItem | undefined): boolean {
  return line.item === undefined || item === undefined || line.item.stripe_price_id === item.stripe_price_id;
}

const live_statuses: ReadonlySet<string> = new Set(['active', 'trialing', 'past_due']);
const ended_statuses: ReadonlySet<string> = new Set(['canceled', 'incomplete_expired']);

/**
 * Whether the subscription gives its plan: Stripe calls it live, and it was paid for at least once
 * (a trial by its zero invoice).
 */
export function isInForce(subscription: Subscription): subscription is Subscription & { paid: PaidStretch } {
  return live_statuses.has(subscription.status) && subscription.paid !== null;
}

/** Whether the subscription was in force and is no longer: it was paid for, so it once was. */
export function wasInForce(subscription: Subscription): subscription is Subscription & { paid: PaidStretch } {
  return subscription.paid !== null && !isLive(subscription) && subscription.status !== 'incomplete';
}

/** Whether Stripe calls it live, paid or not. Nobody may buy a second one beside it. */
export function isLive(subscription: SubscriptionSnapshot): boolean {
  return live_statuses.has(subscription.status);
}

/** Whether the subscription has ended for good. */
export function hasEnded(subscription: SubscriptionSnapshot): boolean {
  return ended_statuses.has(subscription.status);
}
