import {
  type Account,
  graceOf,
  isMonthlyLot,
  monthlyLot,
  type Period,
  planInEffect,
  resetAt,
} from '../account/account.ts';
import { bookClosedLot, bookFact, bookNewLot, type Draft, withAccount } from '../account/draft.ts';
import { isInForce, type PaidStretch, type Subscription, wasInForce } from '../account/subscription.ts';
import type { EntryFacts } from '../ledger/entry.ts';
import type { Lot } from '../ledger/lot.ts';
import { periodEnd, periodIndexFrom, periodStart } from '../period.ts';
import type { Catalog, Plan } from '../plan.ts';
import { latestGiven, newestCoveredIndex } from '../time/coverage.ts';
import type { Present } from '../time/present.ts';
import { monthlyAllowance } from '../time/roll-forward.ts';
import type { Credits, Instant } from '../units.ts';

/**
 * Aligns the running period with the plan in effect, after the subscription has changed. A
 * subscription that begins, and the free plan that follows one, start a fresh period with the full
 * allowance. Another plan inside a running period carries the use over. Other lots are never
 * touched. Each change is two entries: the old lot closes, the new one opens.
 */
export function alignPeriod({ draft, at, catalog }: Present): Draft {
  const { account } = draft;
  const plan = planInEffect(account, catalog);
  const subscription = withMissedPeriod(account, at);
  if (subscription !== null)
    return changePeriod(withAccount(draft, { subscription }), catalog, freeGrid(at), plan, fresh, at);
  const grid = gridOf(account, at);
  const running = runningOn(grid, account);
  if (running === null) return changePeriod(draft, catalog, grid, plan, arrivalAt(account, grid), at);
  const here = running === account.period ? draft : withAccount(draft, { period: running });
  return plan.id === running.plan ? here : changePeriod(here, catalog, running, plan, carriedOver(account), at);
}

/**
 * The subscription as the account would have left it, if all news of it came after its end. Then
 * the free period begins anew too, so the order of the news makes no difference. Null if nothing
 * was missed.
 */
function withMissedPeriod({ subscription, period }: Account, at: Instant): Subscription | null {
  if (subscription === null || subscription.left !== null || period.stripe_subscription_id !== null) return null;
  const grid = wasInForce(subscription) ? paidGrid(subscription, at) : null;
  return grid === null ? null : { ...subscription, left: { anchor_at: grid.anchor_at, index: grid.index, used: 0 } };
}

/** A period's place in a grid of months. */
type Grid = Pick<Period, 'stripe_subscription_id' | 'anchor_at' | 'index'>;

/**
 * The grid on which the account belongs: its subscription's, else the free plan's, which begins
 * anew after a subscription.
 */
function gridOf({ subscription, period }: Account, at: Instant): Grid {
  if (subscription !== null && isInForce(subscription))
    return notBeforeLeft(paidGrid(subscription, at) ?? period, subscription);
  if (period.stripe_subscription_id === null) return period;
  return freeGrid(at);
}

function freeGrid(anchor_at: Instant): Grid {
  return { stripe_subscription_id: null, anchor_at, index: 0 };
}

/**
 * The subscription's own grid. If the anchor has moved and the payment belongs to the time before,
 * the months of that payment: the new grid begins when it is paid for.
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

/** The grid, but not at a period before the one that was left on it. */
function notBeforeLeft(grid: Grid, { left }: Subscription): Grid {
  if (left === null) return grid;
  const index = periodIndexFrom(grid.anchor_at, periodStart(left.anchor_at, left.index));
  return index !== null && index > grid.index ? { ...grid, index } : grid;
}

/**
 * The running period, if the account stays in it. Time alone moves an account along a grid, and
 * never back. From another grid the account may stay too, if a period of the new grid begins with
 * the running one. Null if the period must change: the account is on another grid, or goes on in a
 * period that it has been in before, which time does not open again.
 */
function runningOn(grid: Grid, account: Account): Period | null {
  const { period } = account;
  if (grid.stripe_subscription_id !== period.stripe_subscription_id) return null;
  const index = periodIndexFrom(grid.anchor_at, periodStart(period.anchor_at, period.index));
  if (index === null) return null;
  if (grid.index <= index) return period;
  return wasGiven(account, grid) ? null : { ...period, anchor_at: grid.anchor_at, index };
}

/** Whether the account has had a period of its subscription that began then or later. */
function wasGiven(account: Account, { anchor_at, index }: Grid): boolean {
  return periodStart(anchor_at, index) <= latestGiven(account);
}

/** What was used of the running period's allowance, and beyond it. */
function usedIn(account: Account): Credits {
  const monthly = monthlyLot(account);
  return account.period.uncharged_use + (monthly === undefined ? 0 : monthly.amount - monthly.remaining);
}

/** What an account brings into a period. */
interface Arrival {
  /** Used credits of the period's allowance. */
  readonly used: Credits;
  /**
   * Whether the running period goes on in it: then holds keep their pins, and use since its
   * beginning counts.
   */
  readonly goes_on: boolean;
}

const fresh: Arrival = { used: 0, goes_on: false };

function carriedOver(account: Account): Arrival {
  return { used: usedIn(account), goes_on: true };
}

/**
 * What the account brings into the period: normally nothing used. There are two exceptions. An
 * anchor that moved inside a subscription carries the use over, unless a trial has become a paid
 * period; otherwise paying by the year and by the month in turn would refill at next to no cost.
 * And a subscription's period that was left while it was unpaid, or one before it, keeps what was
 * used then.
 */
function arrivalAt(account: Account, grid: Grid): Arrival {
  const { period, subscription } = account;
  if (grid.stripe_subscription_id === null) return fresh;
  const was_given = wasGiven(account, grid);
  if (period.stripe_subscription_id === grid.stripe_subscription_id) {
    const trial_is_over = period.index < 0 && grid.index >= 0 && !was_given;
    return trial_is_over ? fresh : carriedOver(account);
  }
  return { used: was_given ? (subscription?.left?.used ?? 0) : 0, goes_on: false };
}

/**
 * Closes the monthly lot and opens the period's: remaining = max(0, allowance − used). If the
 * period goes on, holds' pins move to the new lot as far as it reaches. Pins that do not fit stay
 * in the old lot, and count as used.
 */
function changePeriod(
  draft: Draft,
  catalog: Catalog,
  { stripe_subscription_id, anchor_at, index }: Grid,
  plan: Plan,
  { used, goes_on }: Arrival,
  at: Instant,
): Draft {
  const { account } = draft;
  const grid = { stripe_subscription_id, anchor_at, index };
  const facts = changeFacts(account, plan, at);
  const old = monthlyLot(account);
  const held = old?.held ?? 0;
  const charged = Math.min(used, plan.monthly_credits ?? 0);
  const lapsed = at >= periodEnd(anchor_at, index) + graceOf(grid, catalog);
  const opened = plan.monthly_credits === null || lapsed ? null : plan.monthly_credits;
  const moved = goes_on && opened !== null ? Math.min(held, opened - charged) : 0;
  const left = rememberLeft(draft, grid);
  const closed =
    old === undefined
      ? left
      : bookClosedLot(
          withMovablePins(left, old, moved),
          facts(`unused monthly credits end with the change to ${plan.name}`, 'close'),
          { ...old, held: held - moved },
        );
  // Use beyond a smaller allowance is remembered until the period ends.
  const period = {
    ...grid,
    plan: plan.id,
    uncharged_use: used - charged + (goes_on ? held - moved : 0),
    opened_seq: goes_on ? account.period.opened_seq : account.seq,
  };
  const arrived = rememberGiven(withAccount(closed, { period }), account);
  const open_facts = facts(plan.name, 'open');
  if (opened === null) return bookFact(arrived, open_facts);
  const open = bookNewLot(arrived, open_facts, monthlyAllowance(opened, opened - charged, resetAt(arrived.account)));
  return moved === 0 || old === undefined ? open : withPinsMoved(open, old.id, moved);
}

/** Takes pins off the lot that is about to close, for the lot after it. */
function withMovablePins(draft: Draft, old: Lot, moved: Credits): Draft {
  const lots = draft.account.lots.map((lot) => (lot.id === old.id ? { ...lot, held: lot.held - moved } : lot));
  return withAccount(draft, { lots });
}

/** Pins on the new monthly lot what was taken off the old one, oldest hold first. */
function withPinsMoved(draft: Draft, old_id: string, moved: Credits): Draft {
  const { account } = draft;
  const lots = account.lots.map((lot) => (isMonthlyLot(lot) ? { ...lot, held: moved } : lot));
  const new_id = lots.find(isMonthlyLot)?.id ?? old_id;
  let left = moved;
  const holds = account.holds.map((hold) => {
    const pins = hold.pins.flatMap((pin) => {
      if (pin.lot_id !== old_id) return [pin];
      const taken = Math.min(left, pin.amount);
      left -= taken;
      const stays = { ...pin, amount: pin.amount - taken };
      return [{ lot_id: new_id, amount: taken }, stays].filter(({ amount }) => amount > 0);
    });
    return { ...hold, pins };
  });
  return withAccount(draft, { lots, holds });
}

/**
 * Remembers what was used of the period that the account leaves. Held credits count, because they
 * stay behind with their holds.
 */
function rememberLeft(draft: Draft, grid: Grid): Draft {
  const { account } = draft;
  const { period, subscription } = account;
  const leaves = period.stripe_subscription_id !== null && grid.stripe_subscription_id === null;
  if (!leaves || subscription?.stripe_subscription_id !== period.stripe_subscription_id) return draft;
  const { anchor_at, index } = period;
  const used = usedIn(account) + (monthlyLot(account)?.held ?? 0);
  return withAccount(draft, { subscription: { ...subscription, left: { anchor_at, index, used } } });
}

/** Remembers how far the account had been when it comes to an earlier period, on another grid. */
function rememberGiven(draft: Draft, before: Account): Draft {
  const { subscription } = draft.account;
  const gone_back_from = latestGiven(before);
  if (subscription === null || latestGiven(draft.account) >= gone_back_from) return draft;
  return withAccount(draft, { subscription: { ...subscription, gone_back_from } });
}

/**
 * The facts of a change's two entries:
 * `plan:<subscription>:<plan>@<second of the snapshot>.<place in the ledger>:close` and `:open`.
 */
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
