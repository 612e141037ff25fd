import { type Account, graceOf, monthlyLot, type Period, planInEffect, resetAt } from './account.ts';
import { newestCoveredIndex } from './coverage.ts';
import { bookClosedLot, bookFact, bookNewLot, type Draft, notBefore, withAccount } from './draft.ts';
import type { EntryFacts } from './entry.ts';
import { periodStart } from './period.ts';
import type { Catalog, Plan } from './plan.ts';
import { monthlyAllowance } from './roll-forward.ts';
import { isInForce, type PaidStretch, type Subscription } from './subscription.ts';
import type { Credits, Instant } from './units.ts';

/**
 * Makes the running period that of the plan in effect, after the subscription has changed. A subscription that begins, and the
 * free plan that follows one, start a fresh period with the full allowance; another plan inside a running period carries the use
 * over. Other lots are never touched. Each change is two entries: the old lot closed, the new one opened.
 */
export function alignPeriod(draft: Draft, catalog: Catalog, now: Instant): Draft {
  const { account } = draft;
  const at = notBefore(account, now);
  const plan = planInEffect(account, catalog);
  const grid = gridOf(account, at);
  const stays = isSamePeriod(grid, account.period);
  if (stays && plan.id === account.period.plan) return draft;
  const period = { ...(stays ? account.period : grid), plan: plan.id };
  return changePeriod(draft, catalog, period, plan, stays ? usedIn(account) : usedOnArrival(account, grid), at);
}

/** Where in which grid of months a period lies. */
type Grid = Pick<Period, 'stripe_subscription_id' | 'anchor_at' | 'index'>;

/** The grid that the account belongs on: that of its subscription, else the free plan's, which begins anew after a subscription. */
function gridOf({ subscription, period }: Account, at: Instant): Grid {
  if (subscription !== null && isInForce(subscription)) return paidGrid(subscription, at) ?? period;
  if (period.stripe_subscription_id === null) return period;
  return { stripe_subscription_id: null, anchor_at: at, index: 0 };
}

/**
 * The subscription's own grid. If the anchor has moved and what was paid belongs to the time before, the months of that payment:
 * the new grid begins when it is paid for.
 */
function paidGrid(
  { stripe_subscription_id, billing_cycle_anchor, paid }: Subscription & { paid: PaidStretch },
  at: Instant,
): Grid | null {
  for (const anchor_at of [billing_cycle_anchor, paid.from]) {
    const index = newestCoveredIndex(anchor_at, paid, at);
    if (index !== null) return { stripe_subscription_id, anchor_at, index };
  }
  return null;
}

/** On the same grid time alone moves an account on; a period that begins at the same moment is the same on any grid. */
function isSamePeriod(a: Grid, b: Grid): boolean {
  if (a.stripe_subscription_id !== b.stripe_subscription_id) return false;
  return a.anchor_at === b.anchor_at || periodStart(a.anchor_at, a.index) === periodStart(b.anchor_at, b.index);
}

/** What was used of the running period's allowance, or beyond it. */
function usedIn(account: Account): Credits {
  const monthly = monthlyLot(account);
  return account.period.uncharged_use + (monthly === undefined ? 0 : monthly.amount - monthly.remaining);
}

/**
 * What counts as used where the account arrives. Nothing, with these exceptions: an anchor that moved inside a subscription carries
 * the use over (paying by the year and by the month in turn would refill at next to no cost), unless a trial has become a paid
 * period; and a period that was left, when the subscription was not paid for a while, is gone on with.
 */
function usedOnArrival(account: Account, grid: Grid): Credits {
  const { period, subscription } = account;
  if (grid.stripe_subscription_id === null) return 0;
  if (period.stripe_subscription_id === grid.stripe_subscription_id) {
    const trial_is_over = period.index < 0 && grid.index >= 0;
    return trial_is_over ? 0 : usedIn(account);
  }
  const left = subscription?.left ?? null;
  return left !== null && left.anchor_at === grid.anchor_at && left.index === grid.index ? left.used : 0;
}

/** Closes the monthly lot and opens that of the period: remaining = max(0, allowance − used). */
function changePeriod(
  draft: Draft,
  catalog: Catalog,
  grid: Omit<Period, 'uncharged_use'>,
  plan: Plan,
  used: Credits,
  at: Instant,
): Draft {
  const facts = changeFacts(draft.account, plan, at);
  const left = rememberLeft(draft, grid);
  const closed = closeMonthlyLot(left, facts(`unused monthly credits end with the change to ${plan.name}`, 'close'));
  // What was used beyond a smaller allowance is remembered until the period ends.
  const charged = Math.min(used, plan.monthly_credits ?? 0);
  const period = { ...grid, uncharged_use: used - charged };
  return openMonthlyLot(withAccount(closed, { period }), catalog, plan, charged, facts(plan.name, 'open'), at);
}

function rememberLeft(draft: Draft, grid: Grid): Draft {
  const { account } = draft;
  const { period, subscription } = account;
  const leaves = period.stripe_subscription_id !== null && grid.stripe_subscription_id === null;
  if (!leaves || subscription?.stripe_subscription_id !== period.stripe_subscription_id) return draft;
  const { anchor_at, index } = period;
  return withAccount(draft, { subscription: { ...subscription, left: { anchor_at, index, used: usedIn(account) } } });
}

function closeMonthlyLot(draft: Draft, facts: EntryFacts): Draft {
  const lot = monthlyLot(draft.account);
  return lot === undefined ? draft : bookClosedLot(draft, facts, lot);
}

/** Opens the lot of the period that the draft's account is in, unless the plan is unlimited or the period's grace is over too. */
function openMonthlyLot(
  draft: Draft,
  catalog: Catalog,
  plan: Plan,
  used: Credits,
  facts: EntryFacts,
  at: Instant,
): Draft {
  const { account } = draft;
  const lapsed = at >= resetAt(account) + graceOf(account.period, catalog);
  if (plan.monthly_credits === null || lapsed) return bookFact(draft, facts);
  const remaining = plan.monthly_credits - used;
  return bookNewLot(draft, facts, monthlyAllowance(plan.monthly_credits, remaining, resetAt(account)));
}

/** Facts of a change's two entries: `plan:<subscription>:<plan>@<second of the snapshot>.<place in the ledger>:close` and `:open`. */
function changeFacts({ subscription, seq }: Account, plan: Plan, at: Instant) {
  const { stripe_subscription_id = 'none', snapshot_at = at } = subscription ?? {};
  const key = `plan:${stripe_subscription_id}:${plan.id}@${Math.floor(snapshot_at / 1000)}.${seq + 1}`;
  return (description: string, side: 'close' | 'open'): EntryFacts => ({
    entry_id: `${key}:${side}`,
    transaction_type: 'plan_change',
    description,
    created_at: at,
    actor: 'stripe',
    fingerprint: null,
  });
}
