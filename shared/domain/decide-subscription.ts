import type { Account } from './account.ts';
import { alignPeriod } from './align-period.ts';
import type { Decision } from './decision.ts';
import { type Draft, withAccount } from './draft.ts';
import { DomainError } from './errors.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import { hasEnded, isLive, type Subscription, type SubscriptionSnapshot } from './subscription.ts';
import type { Instant } from './units.ts';

/** A snapshot is older than what the account knows of the subscription, or of one that has ended meanwhile. */
export class StaleSnapshot extends DomainError {
  readonly code = 'stale_snapshot';
  constructor() {
    super('the account has seen a newer state of its subscription');
    this.name = 'StaleSnapshot';
  }
}

/** Two different snapshots of the same second: only Stripe knows which is the later one. Ask it and decide with `fetched`. */
export class AmbiguousSnapshot extends DomainError {
  readonly code = 'ambiguous_snapshot';
  constructor() {
    super('two updates of the subscription lie in the same second');
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
  /** A paid invoice covers the subscription up to here. Money facts hold in any order: the furthest counts. */
  readonly paid_through?: Instant;
}

/**
 * Applies what Stripe says of a subscription: a snapshot, a paid invoice, or both. Order is not trusted: a newer snapshot wins, an
 * ended subscription stays ended, payment only ever extends. Refusals: `StaleSnapshot`, `AmbiguousSnapshot`,
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
  const subscription = { ...known, paid_through: furthest(known.paid_through, facts.paid_through ?? null) };
  const changed = withAccount(rolled, {
    subscription,
    stripe_customer_id: rolled.account.stripe_customer_id ?? facts.stripe_customer_id,
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
  if (subscription === null) return { ...snapshot, paid_through: null };
  if (subscription.stripe_subscription_id !== snapshot.stripe_subscription_id) {
    if (hasEnded(snapshot)) return new StaleSnapshot();
    if (isLive(subscription)) return new OtherSubscriptionLive(subscription.stripe_subscription_id);
    return { ...snapshot, paid_through: null };
  }
  const { paid_through } = subscription;
  if (hasEnded(subscription) && !hasEnded(snapshot)) return new StaleSnapshot();
  if (fetched)
    return { ...snapshot, snapshot_at: Math.max(snapshot.snapshot_at, subscription.snapshot_at), paid_through };
  if (snapshot.snapshot_at < subscription.snapshot_at) return new StaleSnapshot();
  if (snapshot.snapshot_at > subscription.snapshot_at) return { ...snapshot, paid_through };
  return isSameState(subscription, snapshot) ? subscription : new AmbiguousSnapshot();
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

function furthest(a: Instant | null, b: Instant | null): Instant | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

/** The period that follows from the subscription: on its grid, of its plan, and the newest that is now paid for. */
function settlePeriod(draft: Draft, catalog: Catalog, now: Instant): Draft {
  const aligned = alignPeriod(draft, catalog, now);
  const rolled = rollForward(aligned.account, catalog, now);
  return { account: rolled.account, entries: [...aligned.entries, ...rolled.entries] };
}
