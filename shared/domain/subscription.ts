import type { Interval, PlanId } from './plan.ts';
import type { Credits, Instant } from './units.ts';

/** An item of a subscription with the price that it has. */
export interface PricedItem {
  readonly stripe_item_id: string;
  readonly stripe_price_id: string;
}

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
  /** The item that is the plan's; absent where nothing tells. */
  readonly item?: PricedItem;
}

/** A stretch of time that a paid invoice covers, half open. */
export interface PaidStretch {
  readonly from: Instant;
  readonly through: Instant;
}

/** A line of a paid invoice. */
export interface PaidLine extends PaidStretch {
  /** What it pays for; absent where nothing tells. */
  readonly item?: PricedItem;
}

/** A period of a subscription that the account has left, and what was used of it: coming back is no second allowance. */
export interface LeftPeriod {
  readonly anchor_at: Instant;
  readonly index: number;
  readonly used: Credits;
}

/** What an account keeps of a subscription beside Stripe's word: what was paid, and what was given for it. */
interface SubscriptionPast {
  /** What the newest paid invoice covers; null before the first. Nothing but a payment moves it. */
  readonly paid: PaidStretch | null;
  readonly left: LeftPeriod | null;
  /** The latest beginning of a period from which the account went back to an earlier one, on another grid. */
  readonly gone_back_from?: Instant;
}

/** A subscription that another one has taken over from. Should it come back, what was given for it is not given again. */
export interface FormerSubscription extends SubscriptionPast {
  readonly stripe_subscription_id: string;
  readonly has_ended: boolean;
}

/** The subscription that an account holds: the newest snapshot, what was paid, and those that it held before, the last at the end. */
export interface Subscription extends SubscriptionSnapshot, SubscriptionPast {
  readonly former?: readonly FormerSubscription[];
}

/** Far more than anybody leaves unpaid and comes back to; an account has to stay small. */
const former_max = 10;

/** The subscription of a snapshot in the place of the one that was held: with its own past, if the account has held it before. */
export function takeOver(held: Subscription | null, snapshot: SubscriptionSnapshot): Subscription {
  const known = held === null ? [] : [...(held.former ?? []), ...formerOf(held)];
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

/** Whether the account has held a subscription before this one, and seen its end. */
export function hasEndedBefore({ former = [] }: Subscription, stripe_subscription_id: string): boolean {
  return formerNamed(former, stripe_subscription_id)?.has_ended ?? false;
}

function formerNamed(former: readonly FormerSubscription[], id: string): FormerSubscription | undefined {
  return former.find(({ stripe_subscription_id }) => stripe_subscription_id === id);
}

/** One that was never paid for has given nothing. */
function formerOf(held: Subscription): FormerSubscription[] {
  const { stripe_subscription_id, paid, left, gone_back_from } = held;
  if (paid === null) return [];
  const past = { paid, left, ...(gone_back_from === undefined ? {} : { gone_back_from }) };
  return [{ stripe_subscription_id, has_ended: hasEnded(held), ...past }];
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

/**
 * What paid lines cover of the subscription's plan; null is nothing. Lines of other items, such as add-ons, cover nothing of it. A line
 * of the plan's item at another price than the known one is for a plan before or after, or for something unknown: undefined says that
 * Stripe has to be asked, unless it has answered snapshot and lines together. So does an invoice that has no line of that item.
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

/** Whether the subscription gives its plan: Stripe calls it live, and at least once it was paid (a trial by its zero invoice). */
export function isInForce(subscription: Subscription): subscription is Subscription & { paid: PaidStretch } {
  return live_statuses.has(subscription.status) && subscription.paid !== null;
}

/** Whether it is in force no longer, and once was: it was paid for, and that cannot have been without. */
export function wasInForce(subscription: Subscription): subscription is Subscription & { paid: PaidStretch } {
  return subscription.paid !== null && !isLive(subscription) && subscription.status !== 'incomplete';
}

/** Whether Stripe calls it live, paid or not: a second one must not be bought beside it. */
export function isLive(subscription: SubscriptionSnapshot): boolean {
  return live_statuses.has(subscription.status);
}

/** Whether nothing can bring it back. */
export function hasEnded(subscription: SubscriptionSnapshot): boolean {
  return ended_statuses.has(subscription.status);
}
