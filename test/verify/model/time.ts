import { indexAt, monthsAfter } from './calendar.ts';
import {
  balance_max,
  balanceIn,
  bookedAt,
  enter,
  freeIn,
  heldIn,
  lotNamed,
  type ModelHold,
  type ModelLot,
  type ModelPeriod,
  monthlyOf,
  openLot,
  planNamed,
  type State,
  shownLots,
  write,
} from './state.ts';

/** Something that time alone brings about. */
interface Due {
  readonly at: number;
  /**
   * At one moment: holds expire (0), lots expire (1), the monthly lot closes (2), the period opens
   * (3).
   */
  readonly rank: number;
  readonly happens: () => void;
}

/** Brings the account to a moment: everything that falls due until then, one after the other. */
export function roll(state: State, until: number): void {
  const end = Math.max(state.clock, until);
  if (state.lines.length === 0) openPeriod(state, 0, 0);
  for (;;) {
    const due = firstDue(state, end);
    if (due === null || due.at > end) break;
    due.happens();
  }
  state.clock = end;
}

/** The next moment at which time changes the account, which has been rolled; null is never. */
export function nextMoment(state: State): number | null {
  return firstDue(state, state.clock)?.at ?? null;
}

function firstDue(state: State, end: number): Due | null {
  const all: Due[] = [];
  for (const hold of state.holds) all.push({ at: hold.expires_at, rank: 0, happens: () => expireHold(state, hold) });
  for (const lot of shownLots(state)) {
    const { expires_at } = lot;
    if (lot.kind === 'monthly' || lot.closed || expires_at === null) continue;
    all.push({ at: expires_at, rank: 1, happens: () => expireLot(state, lot, expires_at) });
  }
  const next = nextIndex(state, end);
  const monthly = monthlyOf(state);
  const ends_at = periodEndOf(state);
  if (monthly !== null && next !== null) {
    all.push({ at: ends_at, rank: 2, happens: () => rollOver(state, monthly, ends_at) });
  }
  if (monthly !== null && next === null) {
    const at = ends_at + graceOf(state, state.period);
    all.push({ at, rank: 2, happens: () => expireLot(state, monthly, at) });
  }
  if (next !== null) {
    const at = monthsAfter(state.period.anchor_at, next);
    all.push({ at, rank: 3, happens: () => openPeriod(state, next, next - state.period.index - 1) });
  }
  let first: Due | null = null;
  for (const due of all) {
    if (first === null || due.at < first.at || (due.at === first.at && due.rank < first.rank)) first = due;
  }
  return first;
}

export function periodEndOf(state: State): number {
  return monthsAfter(state.period.anchor_at, state.period.index + 1);
}

/** The free plan has none: its next period is always covered. */
export function graceOf(state: State, period: ModelPeriod): number {
  return period.subscription === null ? 0 : state.catalog.policies.renewal_grace_ms;
}

/** A hold that expires frees itself. */
function expireHold(state: State, hold: ModelHold): void {
  state.seen.push('hold expired');
  // To release it is to ask for what has happened.
  state.asked.set(`release:${hold.id}`, null);
  releaseHold(state, hold, hold.expires_at, 'system');
}

/** Ends a hold without a charge. */
export function releaseHold(state: State, hold: ModelHold, at: number, actor: string): void {
  const more = { hold_id: hold.id, held_credits: pinnedBy(hold) };
  write(state, { entry_id: `release:${hold.id}`, type: 'release', at, actor, more });
  endHold(state, hold, 'released', hold.pins, at);
}

export function pinnedBy(hold: ModelHold): number {
  let pinned = 0;
  for (const pin of hold.pins) pinned += pin.amount;
  return pinned;
}

/**
 * The hold is no longer open. Of the pins that it frees, what lies in closed lots expires at once.
 */
export function endHold(
  state: State,
  hold: ModelHold,
  how: 'settled' | 'released',
  freed: ModelHold['pins'],
  at: number,
): void {
  state.holds = state.holds.filter((other) => other.id !== hold.id);
  state.ended.set(hold.id, how);
  const lost: { lot: ModelLot; amount: number }[] = [];
  for (const pin of freed) {
    const lot = lotNamed(state, pin.lot);
    if (!lot.closed) continue;
    lost.push({ lot, amount: -pin.amount });
    state.seen.push(`pins freed in a closed ${lot.kind} lot`);
  }
  if (lost.length > 0) write(state, { entry_id: `expire:${hold.id}`, type: 'expire', at, actor: 'system' }, lost);
}

/** The unheld part is gone; the held part stays until its holds free it. */
function expireLot(state: State, lot: ModelLot, at: number): void {
  const rest = freeIn(state, lot);
  if (heldIn(state, lot) > 0) state.seen.push(`${lot.kind} lot expired under a hold`);
  else state.seen.push(`${lot.kind} lot expired`);
  lot.closed = true;
  if (rest === 0) return;
  write(state, { entry_id: `expire:${lot.id}`, type: 'expire', at, actor: 'system' }, [{ lot, amount: -rest }]);
}

/** The monthly lot ends because the next period opens: part of its unheld rest may roll over. */
function rollOver(state: State, monthly: ModelLot, at: number): void {
  const { rollover } = planNamed(state, state.period.plan);
  const rest = freeIn(state, monthly);
  if (rollover === null || rest === 0) {
    expireLot(state, monthly, at);
    return;
  }
  let room = rollover.cap ?? Number.POSITIVE_INFINITY;
  for (const lot of state.lots) if (lot.kind === 'rollover') room -= lot.remaining;
  const share = Math.floor((rest * rollover.share_percent) / 100);
  const rolled = Math.max(0, Math.min(share, room, balance_max - balanceIn(state)));
  if (rolled < share) state.seen.push('rollover met its cap');
  if (heldIn(state, monthly) > 0) state.seen.push('rollover under a hold');
  const facts = { entry_id: `expire:${monthly.id}`, type: 'expire', at, actor: 'system' };
  if (rolled === 0) {
    monthly.closed = true;
    write(state, facts, [{ lot: monthly, amount: -rest }]);
    return;
  }
  const { anchor_at, index } = state.period;
  const opened = openLot(state, {
    kind: 'rollover',
    amount: rolled,
    priority: 50,
    expires_at: monthsAfter(anchor_at, index + 1 + rollover.expires_after_months),
    created_at: monthly.created_at,
  });
  monthly.closed = true;
  state.seen.push('rollover');
  write(state, facts, [
    { lot: monthly, amount: -rest },
    { lot: opened, amount: rolled },
  ]);
}

/** The period of this index on the account's grid begins, with the full allowance of its plan. */
function openPeriod(state: State, index: number, skipped: number): void {
  const { period } = state;
  const plan = planNamed(state, period.plan);
  const start = monthsAfter(period.anchor_at, index);
  const grid = period.subscription === null ? '' : `${period.subscription}:`;
  enter(state, { ...period, index, uncharged: 0, allowance: newAllowance(state) });
  if (start < state.committed_at) state.seen.push('period opened by a late payment');
  state.seen.push(skipped > 0 ? 'period opened after skipped ones' : 'period opened');
  const facts = {
    entry_id: `reset:${grid}${new Date(start).toISOString()}`,
    type: 'reset',
    at: start,
    actor: 'system',
  };
  const more = skipped > 0 ? { skipped_periods: skipped } : {};
  if (plan.monthly_credits === null) {
    write(state, { ...facts, more });
    return;
  }
  const lot = openLot(state, {
    kind: 'monthly',
    amount: plan.monthly_credits,
    priority: 50,
    expires_at: monthsAfter(period.anchor_at, index + 1),
    created_at: bookedAt(state, start),
  });
  write(state, { ...facts, more }, [{ lot, amount: plan.monthly_credits }]);
}

/** Numbers an allowance by the line that gives it. */
export function newAllowance(state: State): number {
  return state.lines.length + 1;
}

const live = ['active', 'trialing', 'past_due'];

/** Whether the subscription gives its plan: live by Stripe's word, and paid for at least once. */
export function inForce(state: State): boolean {
  const { subscription } = state;
  return subscription !== null && live.includes(subscription.status) && subscription.paid !== null;
}

export function isLive(status: string): boolean {
  return live.includes(status);
}

/**
 * Whether a period of a subscription's grid is paid for. What was paid before an anchor moved does
 * not pay for the new grid.
 */
export function isPaidFor(anchor_at: number, index: number, paid: { from: number; through: number }): boolean {
  if (monthsAfter(anchor_at, index) >= paid.through) return false;
  return index < 0 || paid.from >= anchor_at;
}

/** The newest period that has begun and is paid for; null when there is none. */
export function newestPaid(anchor_at: number, paid: { from: number; through: number }, at: number): number | null {
  const newest = Math.min(indexAt(anchor_at, at), indexAt(anchor_at, paid.through - 1));
  return isPaidFor(anchor_at, newest, paid) ? newest : null;
}

/**
 * The period that comes after the running one, if it is paid for; else null. Of several that have
 * begun it is the newest, since the others are skipped. A plan with rollover skips those only that
 * passed before the payment: each hands something on to the next.
 */
function nextIndex(state: State, at: number): number | null {
  const { period, subscription } = state;
  let following = period.index + 1;
  const skips = planNamed(state, period.plan).rollover === null;
  if (period.subscription === null) return skips ? Math.max(following, indexAt(period.anchor_at, at)) : following;
  if (subscription?.stripe_subscription_id !== period.subscription || !inForce(state)) return null;
  // One that it has had before, and gone back behind, does not come again.
  while (monthsAfter(period.anchor_at, following) <= (state.given.get(period.subscription) ?? 0)) following += 1;
  const { paid } = subscription;
  if (paid === null || !isPaidFor(period.anchor_at, following, paid)) return null;
  return Math.max(
    following,
    skips ? (newestPaid(period.anchor_at, paid, at) ?? following) : indexAt(period.anchor_at, paid.from),
  );
}
