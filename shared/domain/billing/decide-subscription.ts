import { type Account, customerOf } from '../account/account.ts';
import { type Draft, withAccount } from '../account/draft.ts';
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
} from '../account/subscription.ts';
import { refusal } from '../errors.ts';
import type { Decide, Decision } from '../time/decision.ts';
import type { Present } from '../time/present.ts';
import { rollOn } from '../time/roll-forward.ts';
import { alignPeriod } from './align-period.ts';

export interface SubscriptionFacts {
  readonly stripe_subscription_id: string;
  readonly stripe_customer_id: string;
  /** The subscription's state, if the event carries it or it was fetched. */
  readonly snapshot?: SubscriptionSnapshot;
  /** The snapshot was fetched from Stripe just now, so nothing is newer. */
  readonly fetched?: boolean;
  /**
   * Snapshot and payment come from one answer of Stripe, though perhaps not from the latest: see
   * `paidForPlan`.
   */
  readonly read_together?: boolean;
  /**
   * What the account knew before Stripe was asked. If it knows something else by now, that may be
   * newer than the answer.
   */
  readonly known_when_asked?: Subscription | null;
  /**
   * The subscription has ended, and nothing of it belongs to a plan or an account here. Its end
   * counts only for the account that holds it.
   */
  readonly is_foreign?: boolean;
  /**
   * The lines of a paid invoice: see `paidForPlan`. Payments count in any order: see
   * `newerPayment`.
   */
  readonly paid?: readonly PaidLine[];
}

/**
 * Applies what Stripe says of a subscription: a snapshot, a paid invoice, or both. Order is not
 * trusted: a newer snapshot wins, an ended subscription stays ended, the newest payment counts.
 * Refusal: `stale_snapshot`. Asks for the subscription's present state if what is known does not
 * tell it (then decide again with `fetched`), and whether the account's current subscription is
 * still live.
 */
export const decideSubscription =
  (facts: SubscriptionFacts): Decide =>
  (present) => {
    const { draft } = present;
    const { account } = draft;
    const heard = facts.snapshot === undefined ? current(account, facts) : taken(account, facts.snapshot, facts);
    if (!('known' in heard)) return heard;
    const { known } = heard;
    const { fetched = false, read_together = fetched } = facts;
    const paid = paidForPlan(known, facts.paid ?? [], read_together);
    // The money is for another price than the known one.
    if (paid === undefined) return asksHowItStands(account, facts);
    const subscription = { ...known, paid: newerPayment(known.paid, paid) };
    const changed = withAccount(draft, {
      subscription,
      stripe_customer_id: customerOf(account, facts.stripe_customer_id),
    });
    return { draft: movePeriod({ ...present, draft: changed }) };
  };

/**
 * What the account then knows of the subscription; or why it does not take the news, or what it
 * asks.
 */
type Heard = { readonly known: Subscription } | Exclude<Decision, { draft: unknown }>;

const stale: Heard = { refused: refusal('stale_snapshot', {}) };

function asksHowItStands(
  { subscription }: Account,
  { stripe_subscription_id }: Pick<SubscriptionFacts, 'stripe_subscription_id'>,
): Exclude<Decision, { draft: unknown }> {
  return { asks: { kind: 'subscription', stripe_subscription_id, known: subscription } };
}

/** The account's own record of the paid subscription. The account may not know that one yet. */
function current(account: Account, facts: SubscriptionFacts): Heard {
  const { subscription } = account;
  return subscription?.stripe_subscription_id === facts.stripe_subscription_id
    ? { known: subscription }
    : asksHowItStands(account, facts);
}

/** The record after a snapshot. */
function taken(
  account: Account,
  snapshot: SubscriptionSnapshot,
  { fetched = false, known_when_asked = account.subscription, is_foreign = false }: SubscriptionFacts,
): Heard {
  const { subscription } = account;
  if (fetched && !isSameNews(subscription, known_when_asked)) return asksHowItStands(account, snapshot);
  const is_current = subscription?.stripe_subscription_id === snapshot.stripe_subscription_id;
  if (is_foreign && !is_current) return stale;
  if (subscription === null) return { known: takeOver(null, snapshot) };
  if (!is_current) return takenOver(account, subscription, snapshot, fetched);
  if (hasEnded(subscription) && !hasEnded(snapshot)) return stale;
  const { snapshot_at } = subscription;
  if (fetched) {
    return { known: { ...subscription, ...snapshot, snapshot_at: Math.max(snapshot.snapshot_at, snapshot_at) } };
  }
  if (snapshot.snapshot_at < snapshot_at) return stale;
  if (snapshot.snapshot_at > snapshot_at) return { known: { ...subscription, ...snapshot } };
  // Two snapshots have the same second: only Stripe knows which is the later.
  return isSameState(subscription, snapshot) ? { known: subscription } : asksHowItStands(account, snapshot);
}

/**
 * Handles news of another subscription than the current one. It takes over if it is the newer one
 * and the current one is no longer live. So does one that has ended, if nothing newer is known;
 * otherwise its beginning, heard of later, would bring it back.
 */
function takenOver(account: Account, current: Subscription, snapshot: SubscriptionSnapshot, fetched: boolean): Heard {
  const is_newer = snapshot.snapshot_at > current.snapshot_at;
  const is_over = hasEnded(snapshot) ? !is_newer : hasEndedBefore(current, snapshot.stripe_subscription_id);
  if (is_over) return stale;
  // Old news of a subscription from before the current one: only Stripe knows whether it has ended
  // since.
  if (!fetched && !is_newer) return asksHowItStands(account, snapshot);
  if (isLive(current)) return { asks: { kind: 'current_subscription', known: current } };
  return { known: takeOver(current, snapshot) };
}

/** Whether nothing that Stripe says was heard between the two. Payments are no such news. */
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

/** Whether both have the same item, as far as both say. */
function isSameItem({ item: a }: SubscriptionSnapshot, { item: b }: SubscriptionSnapshot): boolean {
  if (a === undefined || b === undefined) return true;
  return a.stripe_item_id === b.stripe_item_id && a.stripe_price_id === b.stripe_price_id;
}

/**
 * Ends the account's subscription, of which nothing more is known. Later news of it find it ended.
 */
export function withSubscriptionEnded(present: Present): Draft {
  const { draft } = present;
  const { subscription } = draft.account;
  if (subscription === null || hasEnded(subscription)) return draft;
  const ended = withAccount(draft, { subscription: { ...subscription, status: 'canceled' } });
  return movePeriod({ ...present, draft: ended });
}

/**
 * Moves the account to the period that follows from the subscription: on its grid, of its plan, the
 * newest that is paid for.
 */
function movePeriod(present: Present): Draft {
  return rollOn(alignPeriod(present), present.catalog, present.at);
}
