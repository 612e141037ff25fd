import { type Account, customerOf } from './account.ts';
import { alignPeriod } from './align-period.ts';
import type { Decide } from './decision.ts';
import { type Draft, withAccount } from './draft.ts';
import { DomainError } from './errors.ts';
import type { Present } from './present.ts';
import { rollOn } from './roll-forward.ts';
import {
  hasEnded,
  hasEndedBefore,
  isLive,
  newerPayment,
  type PaidLine,
  paidForPlan,
  type Subscription,
  type SubscriptionSnapshot,
  takeOver,
} from './subscription.ts';

/** A snapshot is older than what the account knows of the subscription, or of one that has ended meanwhile. */
export class StaleSnapshot extends DomainError {
  readonly code = 'stale_snapshot';
  constructor() {
    super('the account has seen a newer state of its subscription');
    this.name = 'StaleSnapshot';
  }
}

/**
 * Two different snapshots of the same second, old news of a subscription that the account no longer holds, or money for another price
 * than the one that is known: only Stripe knows how the subscription stands. Ask it and decide with `fetched`.
 */
export class AmbiguousSnapshot extends DomainError {
  readonly code = 'ambiguous_snapshot';
  readonly known: Subscription | null;
  constructor(known: Subscription | null = null) {
    super('what is known does not tell which state of the subscription is the latest');
    this.name = 'AmbiguousSnapshot';
    this.known = known;
  }
}

/** An invoice was paid for a subscription that the account does not know yet. Fetch it and decide with the snapshot. */
export class UnknownSubscription extends DomainError {
  readonly code = 'unknown_subscription';
  readonly known: Subscription | null;
  constructor(known: Subscription | null = null) {
    super('the account does not know the subscription yet');
    this.name = 'UnknownSubscription';
    this.known = known;
  }
}

/** The account holds another subscription that, as far as it knows, is live. */
export class OtherSubscriptionLive extends DomainError {
  readonly code = 'other_subscription_live';
  readonly known: Subscription;
  constructor(known: Subscription) {
    super(`the account has the live subscription ${known.stripe_subscription_id}`);
    this.name = 'OtherSubscriptionLive';
    this.known = known;
  }
}

export interface SubscriptionFacts {
  readonly stripe_subscription_id: string;
  readonly stripe_customer_id: string;
  /** Its state, when the event carries it or it was fetched. */
  readonly snapshot?: SubscriptionSnapshot;
  /** Whether the snapshot was fetched from Stripe just now: nothing is newer. */
  readonly fetched?: boolean;
  /** Whether snapshot and payment are of one answer of Stripe's, though perhaps not of the latest: see `paidForPlan`. */
  readonly read_together?: boolean;
  /** What the account knew before Stripe was asked. If it knows something else by now, that may be newer than the answer. */
  readonly known_when_asked?: Subscription | null;
  /** It has ended, and nothing of it is for a plan or for an account here: its end counts only for the account that holds it. */
  readonly is_foreign?: boolean;
  /** The lines of a paid invoice: see `paidForPlan`. Money facts hold in any order: see `newerPayment`. */
  readonly paid?: readonly PaidLine[];
}

/**
 * Applies what Stripe says of a subscription: a snapshot, a paid invoice, or both. Order is not trusted: a newer snapshot wins, an
 * ended subscription stays ended, the newest payment counts. Refusals: `StaleSnapshot`, `AmbiguousSnapshot`,
 * `UnknownSubscription`, `OtherSubscriptionLive`.
 */
export const decideSubscription =
  (facts: SubscriptionFacts): Decide =>
  (present) => {
    const { draft } = present;
    const { account } = draft;
    const known = facts.snapshot === undefined ? held(account, facts) : taken(account, facts.snapshot, facts);
    if (known instanceof DomainError) return { refused: known };
    const { fetched = false, read_together = fetched } = facts;
    const paid = paidForPlan(known, facts.paid ?? [], read_together);
    if (paid === undefined) return { refused: new AmbiguousSnapshot(account.subscription) };
    const subscription = { ...known, paid: newerPayment(known.paid, paid) };
    const changed = withAccount(draft, {
      subscription,
      stripe_customer_id: customerOf(account, facts.stripe_customer_id),
    });
    return { draft: movePeriod({ ...present, draft: changed }) };
  };

/** The account's own record of the subscription that was paid for. */
function held({ subscription }: Account, facts: SubscriptionFacts): Subscription | DomainError {
  return subscription?.stripe_subscription_id === facts.stripe_subscription_id
    ? subscription
    : new UnknownSubscription(subscription);
}

/** The record after a snapshot, or why the snapshot does not count. */
function taken(
  { subscription }: Account,
  snapshot: SubscriptionSnapshot,
  { fetched = false, known_when_asked = subscription, is_foreign = false }: SubscriptionFacts,
): Subscription | DomainError {
  if (fetched && !isSameNews(subscription, known_when_asked)) return new AmbiguousSnapshot(subscription);
  const is_held = subscription?.stripe_subscription_id === snapshot.stripe_subscription_id;
  if (is_foreign && !is_held) return new StaleSnapshot();
  if (subscription === null) return takeOver(null, snapshot);
  if (!is_held) return takenOver(subscription, snapshot, fetched);
  if (hasEnded(subscription) && !hasEnded(snapshot)) return new StaleSnapshot();
  const { snapshot_at } = subscription;
  if (fetched) return { ...subscription, ...snapshot, snapshot_at: Math.max(snapshot.snapshot_at, snapshot_at) };
  if (snapshot.snapshot_at < snapshot_at) return new StaleSnapshot();
  if (snapshot.snapshot_at > snapshot_at) return { ...subscription, ...snapshot };
  return isSameState(subscription, snapshot) ? subscription : new AmbiguousSnapshot(subscription);
}

/**
 * Another subscription than the one held: it takes over when it is the newer one and the held one is no longer live. So does one that
 * has ended, if nothing newer is known: otherwise its beginning, heard of later, would bring it back.
 */
function takenOver(held: Subscription, snapshot: SubscriptionSnapshot, fetched: boolean): Subscription | DomainError {
  const is_newer = snapshot.snapshot_at > held.snapshot_at;
  const is_over = hasEnded(snapshot) ? !is_newer : hasEndedBefore(held, snapshot.stripe_subscription_id);
  if (is_over) return new StaleSnapshot();
  // Old news of a subscription from before this one: only Stripe knows whether it has ended since.
  if (!fetched && !is_newer) return new AmbiguousSnapshot(held);
  return isLive(held) ? new OtherSubscriptionLive(held) : takeOver(held, snapshot);
}

/** Whether nothing was heard between the two of what Stripe says. Payments are no such news. */
function isSameNews(a: Subscription | null, b: Subscription | null): boolean {
  if (a === null || b === null) return a === b;
  const is_same = a.stripe_subscription_id === b.stripe_subscription_id && a.snapshot_at === b.snapshot_at;
  return is_same && isSameState(a, b);
}

function isSameState(subscription: Subscription, snapshot: SubscriptionSnapshot): boolean {
  return (
    subscription.plan === snapshot.plan &&
    subscription.interval === snapshot.interval &&
    subscription.status === snapshot.status &&
    subscription.billing_cycle_anchor === snapshot.billing_cycle_anchor &&
    subscription.current_period_end === snapshot.current_period_end &&
    subscription.cancel_at_period_end === snapshot.cancel_at_period_end &&
    isSameItem(subscription, snapshot)
  );
}

/** As far as both say. */
function isSameItem({ item: a }: SubscriptionSnapshot, { item: b }: SubscriptionSnapshot): boolean {
  if (a === undefined || b === undefined) return true;
  return a.stripe_item_id === b.stripe_item_id && a.stripe_price_id === b.stripe_price_id;
}

/** The account's subscription has ended, and nothing more is known of it: news of it that are still to come find it ended. */
export function withSubscriptionEnded(present: Present): Draft {
  const { draft } = present;
  const { subscription } = draft.account;
  if (subscription === null || hasEnded(subscription)) return draft;
  const ended = withAccount(draft, { subscription: { ...subscription, status: 'canceled' } });
  return movePeriod({ ...present, draft: ended });
}

/** The period that follows from the subscription: on its grid, of its plan, and the newest that is now paid for. */
function movePeriod(present: Present): Draft {
  return rollOn(alignPeriod(present), present.catalog, present.at);
}
