import { type Account, customerOf } from './account.ts';
import { alignPeriod } from './align-period.ts';
import type { Decision } from './decision.ts';
import { type Draft, withAccount } from './draft.ts';
import { DomainError } from './errors.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import {
  hasEnded,
  isLive,
  newerPayment,
  newSubscription,
  type PaidStretch,
  type Subscription,
  type SubscriptionSnapshot,
} from './subscription.ts';
import type { Instant } from './units.ts';

/** A snapshot is older than what the account knows of the subscription, or of one that has ended meanwhile. */
export class StaleSnapshot extends DomainError {
  readonly code = 'stale_snapshot';
  constructor() {
    super('the account has seen a newer state of its subscription');
    this.name = 'StaleSnapshot';
  }
}

/**
 * Two different snapshots of the same second, or old news of a subscription that the account no longer holds: only Stripe knows how
 * it stands. Ask it and decide with `fetched`.
 */
export class AmbiguousSnapshot extends DomainError {
  readonly code = 'ambiguous_snapshot';
  constructor() {
    super('what is known does not tell which state of the subscription is the latest');
    this.name = 'AmbiguousSnapshot';
  }
}

/** An invoice was paid for a subscription that the account does not know yet. Fetch it and decide with the snapshot. */
export class UnknownSubscription extends DomainError {
  readonly code = 'unknown_subscription';
  constructor() {
    super('the account does not know the subscription yet');
    this.name = 'UnknownSubscription';
  }
}

/** The account holds another subscription that, as far as it knows, is live. */
export class OtherSubscriptionLive extends DomainError {
  readonly code = 'other_subscription_live';
  readonly stripe_subscription_id: string;
  constructor(stripe_subscription_id: string) {
    super(`the account has the live subscription ${stripe_subscription_id}`);
    this.name = 'OtherSubscriptionLive';
    this.stripe_subscription_id = stripe_subscription_id;
  }
}

export interface SubscriptionFacts {
  readonly stripe_subscription_id: string;
  readonly stripe_customer_id: string;
  /** Its state, when the event carries it or it was fetched. */
  readonly snapshot?: SubscriptionSnapshot;
  /** Whether the snapshot was fetched from Stripe just now: nothing is newer. */
  readonly fetched?: boolean;
  /** What a paid invoice covers. Money facts hold in any order: see `newerPayment`. */
  readonly paid?: PaidStretch;
}

/**
 * Applies what Stripe says of a subscription: a snapshot, a paid invoice, or both. Order is not trusted: a newer snapshot wins, an
 * ended subscription stays ended, the newest payment counts. Refusals: `StaleSnapshot`, `AmbiguousSnapshot`,
 * `UnknownSubscription`, `OtherSubscriptionLive`.
 */
export function decideSubscription(
  account: Account,
  facts: SubscriptionFacts,
  catalog: Catalog,
  now: Instant,
): Decision {
  const rolled = rollForward(account, catalog, now);
  const known =
    facts.snapshot === undefined ? held(rolled.account, facts) : taken(rolled.account, facts.snapshot, facts.fetched);
  if (known instanceof DomainError) return { rejected: known };
  const subscription = { ...known, paid: newerPayment(known.paid, facts.paid ?? null) };
  const changed = withAccount(rolled, {
    subscription,
    stripe_customer_id: customerOf(rolled.account, facts.stripe_customer_id),
  });
  return { draft: settlePeriod(changed, catalog, now) };
}

/** The account's own record of the subscription that was paid for. */
function held({ subscription }: Account, facts: SubscriptionFacts): Subscription | DomainError {
  return subscription?.stripe_subscription_id === facts.stripe_subscription_id
    ? subscription
    : new UnknownSubscription();
}

/** The record after a snapshot, or why the snapshot does not count. */
function taken({ subscription }: Account, snapshot: SubscriptionSnapshot, fetched = false): Subscription | DomainError {
  if (subscription === null) return newSubscription(snapshot);
  if (subscription.stripe_subscription_id !== snapshot.stripe_subscription_id) {
    return takenOver(subscription, snapshot, fetched);
  }
  if (hasEnded(subscription) && !hasEnded(snapshot)) return new StaleSnapshot();
  const { snapshot_at } = subscription;
  if (fetched) return { ...subscription, ...snapshot, snapshot_at: Math.max(snapshot.snapshot_at, snapshot_at) };
  if (snapshot.snapshot_at < snapshot_at) return new StaleSnapshot();
  if (snapshot.snapshot_at > snapshot_at) return { ...subscription, ...snapshot };
  return isSameState(subscription, snapshot) ? subscription : new AmbiguousSnapshot();
}

/** Another subscription than the one held: it takes over when it is the newer one and the held one is no longer live. */
function takenOver(held: Subscription, snapshot: SubscriptionSnapshot, fetched: boolean): Subscription | DomainError {
  if (hasEnded(snapshot)) return new StaleSnapshot();
  // Old news of a subscription from before this one: only Stripe knows whether it has ended since.
  if (!fetched && snapshot.snapshot_at <= held.snapshot_at) return new AmbiguousSnapshot();
  if (isLive(held)) return new OtherSubscriptionLive(held.stripe_subscription_id);
  return newSubscription(snapshot);
}

function isSameState(subscription: Subscription, snapshot: SubscriptionSnapshot): boolean {
  return (
    subscription.plan === snapshot.plan &&
    subscription.interval === snapshot.interval &&
    subscription.status === snapshot.status &&
    subscription.billing_cycle_anchor === snapshot.billing_cycle_anchor &&
    subscription.current_period_end === snapshot.current_period_end &&
    subscription.cancel_at_period_end === snapshot.cancel_at_period_end
  );
}

/** The period that follows from the subscription: on its grid, of its plan, and the newest that is now paid for. */
function settlePeriod(draft: Draft, catalog: Catalog, now: Instant): Draft {
  const aligned = alignPeriod(draft, catalog, now);
  const rolled = rollForward(aligned.account, catalog, now);
  return { account: rolled.account, entries: [...aligned.entries, ...rolled.entries] };
}
