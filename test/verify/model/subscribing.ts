import type { SubscriptionSnapshot } from '../../../shared/domain/account/subscription.ts';
import type { Plan } from '../../../shared/domain/plan.ts';
import { indexAt, monthsAfter } from './calendar.ts';
import {
  enter,
  heldIn,
  type ModelLot,
  type ModelPeriod,
  type ModelSubscription,
  monthlyOf,
  openLot,
  planNamed,
  type Refusal,
  type State,
  write,
} from './state.ts';
import { graceOf, inForce, isLive, newAllowance, newestPaid, periodEndOf, roll } from './time.ts';

export interface News {
  readonly stripe_subscription_id: string;
  readonly stripe_customer_id: string;
  readonly snapshot?: SubscriptionSnapshot;
  readonly fetched?: boolean;
  readonly paid?: { readonly from: number; readonly through: number };
}

/** What Stripe says of a subscription: a snapshot, a paid invoice, or both. */
export function hear(state: State, news: News, now: number): Refusal | null {
  roll(state, now);
  const refused = news.snapshot === undefined ? knownOnly(state, news) : take(state, news.snapshot, news.fetched);
  if (refused !== null) return refused;
  if (news.paid !== undefined) pay(state, news.paid);
  state.customer ??= news.stripe_customer_id;
  align(state);
  roll(state, now);
  return null;
}

/** The first customer stays. */
export function meetCustomer(state: State, stripe_customer_id: string, now: number): Refusal | null {
  roll(state, now);
  state.customer ??= stripe_customer_id;
  return null;
}

function knownOnly(state: State, news: News): Refusal | null {
  const known = state.subscription?.stripe_subscription_id === news.stripe_subscription_id;
  return known ? null : { code: 'unknown_subscription' };
}

/** Of two stretches the one that begins later counts, of these the one that reaches further. */
function pay(state: State, paid: { from: number; through: number }): void {
  const { subscription } = state;
  if (subscription === null) throw new Error('a payment is for a subscription');
  const before = subscription.paid;
  const counts =
    before === null || paid.from > before.from || (paid.from === before.from && paid.through > before.through);
  if (counts) subscription.paid = { ...paid };
}

const ended = ['canceled', 'incomplete_expired'];

/**
 * A newer snapshot wins, an ended subscription stays ended, and another one takes over from one
 * that is not live.
 */
function take(state: State, snapshot: SubscriptionSnapshot, fetched = false): Refusal | null {
  const held = state.subscription;
  if (held === null) {
    state.subscription = { ...snapshot, paid: null, left: null };
    return null;
  }
  if (held.stripe_subscription_id !== snapshot.stripe_subscription_id) {
    const is_newer = snapshot.snapshot_at > held.snapshot_at;
    // An end counts if it is the newest that is known, and then for ever.
    const ends = ended.includes(snapshot.status);
    if (ends && !is_newer) return { code: 'stale_snapshot' };
    if (!ends && state.former.get(snapshot.stripe_subscription_id)?.has_ended) return { code: 'stale_snapshot' };
    if (!fetched && !is_newer) return { code: 'ambiguous_snapshot' };
    if (isLive(held.status)) return { code: 'other_subscription_live' };
    takeOver(state, held, snapshot);
    return null;
  }
  if (ended.includes(held.status) && !ended.includes(snapshot.status)) return { code: 'stale_snapshot' };
  if (!fetched && snapshot.snapshot_at < held.snapshot_at) return { code: 'stale_snapshot' };
  if (!fetched && snapshot.snapshot_at === held.snapshot_at) {
    return says(held, snapshot) ? null : { code: 'ambiguous_snapshot' };
  }
  const snapshot_at = Math.max(snapshot.snapshot_at, held.snapshot_at);
  state.subscription = { ...held, ...snapshot, snapshot_at };
  return null;
}

/** One that was held before comes with what was paid for it, and what was given. */
function takeOver(state: State, held: ModelSubscription, snapshot: SubscriptionSnapshot): void {
  const { stripe_subscription_id: id, paid, left, status } = held;
  if (paid !== null) state.former.set(id, { has_ended: ended.includes(status), paid, left });
  const known = state.former.get(snapshot.stripe_subscription_id);
  state.former.delete(snapshot.stripe_subscription_id);
  state.subscription = { ...snapshot, paid: known?.paid ?? null, left: known?.left ?? null };
  state.seen.push(known === undefined ? 'another subscription took over' : 'a former subscription came back');
}

function says(held: ModelSubscription, snapshot: SubscriptionSnapshot): boolean {
  const same = (key: keyof SubscriptionSnapshot) => held[key] === snapshot[key];
  return (
    same('plan') &&
    same('interval') &&
    same('status') &&
    same('billing_cycle_anchor') &&
    same('current_period_end') &&
    same('cancel_at_period_end')
  );
}

/** Makes the running period that of the plan in effect. */
function align(state: State): void {
  const { period, subscription, catalog } = state;
  const in_force = inForce(state);
  const plan = planNamed(state, in_force && subscription !== null ? subscription.plan : catalog.free_plan);
  if (!in_force || subscription === null || subscription.paid === null) {
    if (period.subscription !== null || missed(state)) fallBack(state, plan);
    return;
  }
  const id = subscription.stripe_subscription_id;
  const target = gridOf(state, subscription) ?? period;
  const begins = monthsAfter(target.anchor_at, target.index);
  const was_given = begins <= (state.given.get(id) ?? Number.NEGATIVE_INFINITY);
  if (period.subscription === id && staysOn(state, target, was_given)) {
    if (period.plan === plan.id) return;
    state.seen.push('plan changed');
    carryOver(state, { ...state.period, plan: plan.id }, plan);
    return;
  }
  const arrived = { plan: plan.id, subscription: id, anchor_at: target.anchor_at, index: target.index };
  if (period.subscription === id && (was_given || period.index >= 0 || target.index < 0)) {
    state.seen.push(was_given ? 'to a period that was given before' : 'anchor moved');
    carryOver(state, { ...arrived, uncharged: 0, allowance: period.allowance }, plan);
    return;
  }
  const comes_back = period.subscription === null && was_given;
  if (comes_back) state.seen.push('back to a left period');
  else state.seen.push(period.subscription === id ? 'trial became paid' : 'subscription began');
  const uncharged = comes_back && subscription.left !== null ? subscription.left.used : 0;
  startAfresh(state, { ...arrived, uncharged, allowance: newAllowance(state) }, plan);
}

/**
 * News of a subscription that came when it was over: it was paid for, so it was in force, and the
 * account would have left it.
 */
function missed(state: State): boolean {
  const { subscription } = state;
  if (subscription === null || subscription.paid === null || subscription.left !== null) return false;
  if (isLive(subscription.status) || subscription.status === 'incomplete') return false;
  const grid = gridOf(state, subscription);
  if (grid === null) return false;
  subscription.left = { ...grid, used: 0 };
  const { stripe_subscription_id: id } = subscription;
  const begins = monthsAfter(grid.anchor_at, grid.index);
  state.given.set(id, Math.max(begins, state.given.get(id) ?? begins));
  state.seen.push('news of what was over');
  return true;
}

/**
 * Whether the running period is one of the target's grid: then nothing but time moves the account
 * on, and never back. It does not open again what was given before.
 */
function staysOn(state: State, target: { anchor_at: number; index: number }, was_given: boolean): boolean {
  const { period } = state;
  const here = indexBeginning(target.anchor_at, monthsAfter(period.anchor_at, period.index));
  if (here === null) return false;
  if (target.index <= here) return true;
  if (was_given) return false;
  if (period.anchor_at !== target.anchor_at) state.seen.push('went on along another grid');
  state.period = { ...period, anchor_at: target.anchor_at, index: here };
  return true;
}

function indexBeginning(anchor_at: number, at: number): number | null {
  const index = indexAt(anchor_at, at);
  return monthsAfter(anchor_at, index) === at ? index : null;
}

/**
 * The period that a subscription's account is in: of its own grid, or while that is not paid for,
 * of the payment's. None before the one that was left on that grid.
 */
function gridOf(state: State, { billing_cycle_anchor, paid, left }: ModelSubscription) {
  if (paid === null) return null;
  for (const anchor_at of [billing_cycle_anchor, paid.from]) {
    const index = newestPaid(anchor_at, paid, state.clock);
    if (index === null) continue;
    const left_index = left === null ? null : indexBeginning(anchor_at, monthsAfter(left.anchor_at, left.index));
    return { anchor_at, index: Math.max(index, left_index ?? index) };
  }
  return null;
}

/**
 * The subscription no longer gives its plan: a fresh free period, and what was used of the left one
 * is remembered.
 */
function fallBack(state: State, plan: Plan): void {
  const { period, subscription } = state;
  if (subscription !== null && subscription.stripe_subscription_id === period.subscription) {
    const { anchor_at, index } = period;
    const monthly = monthlyOf(state);
    // What holds have pinned may still be charged.
    const pinned = monthly === null ? 0 : heldIn(state, monthly);
    subscription.left = { anchor_at, index, used: usedOf(state) + pinned };
  }
  state.seen.push('back to free');
  const free = { plan: plan.id, subscription: null, anchor_at: state.clock, index: 0, uncharged: 0 };
  startAfresh(state, { ...free, allowance: newAllowance(state) }, plan);
}

function usedOf(state: State): number {
  const monthly = monthlyOf(state);
  return state.period.uncharged + (monthly === null ? 0 : monthly.amount - monthly.remaining);
}

/**
 * The new allowance less what was used of the old one. Pins move to the new lot as far as they fit;
 * the others count as used.
 */
function carryOver(state: State, period: ModelPeriod, plan: Plan): void {
  const old = monthlyOf(state);
  const pinned = old === null ? 0 : heldIn(state, old);
  const used = usedOf(state);
  const room = isLapsed(state, period) ? 0 : Math.max(0, (plan.monthly_credits ?? 0) - used);
  const moving = Math.min(pinned, room);
  if (pinned > 0) state.seen.push('plan changed under pins');
  if (moving < pinned) state.seen.push('pins that did not fit');
  if (used > 0 && used > (plan.monthly_credits ?? 0)) state.seen.push('used beyond the new allowance');
  change(state, { ...period, uncharged: used }, plan, moving, pinned - moving);
}

/**
 * A period with the full allowance, less what was used when it is gone on with. Pins stay in the
 * closed lot.
 */
function startAfresh(state: State, period: ModelPeriod, plan: Plan): void {
  const old = monthlyOf(state);
  if (old !== null && heldIn(state, old) > 0) state.seen.push('fresh period leaves pins');
  change(state, period, plan, 0, 0);
}

/**
 * `period.uncharged` is all that counts as used so far; the new lot is charged with it as far as
 * its allowance goes.
 */
function change(state: State, period: ModelPeriod, plan: Plan, moving: number, staying: number): void {
  const old = monthlyOf(state);
  const keys = keyOf(state, plan);
  if (old !== null) {
    const kept = heldIn(state, old) - moving;
    old.closed = true;
    const facts = { entry_id: `${keys}:close`, type: 'plan_change', at: state.clock, actor: 'stripe' };
    write(state, facts, [{ lot: old, amount: 0 - (old.remaining - kept) }]);
  }
  const charged = Math.min(period.uncharged, plan.monthly_credits ?? 0);
  enter(state, { ...period, uncharged: period.uncharged - charged + staying });
  const facts = { entry_id: `${keys}:open`, type: 'plan_change', at: state.clock, actor: 'stripe' };
  if (plan.monthly_credits === null || isLapsed(state, period)) {
    write(state, facts);
    return;
  }
  const lot = openLot(state, {
    kind: 'monthly',
    amount: plan.monthly_credits,
    priority: 50,
    expires_at: periodEndOf(state),
    created_at: state.clock,
  });
  if (old !== null) movePins(state, old, lot, moving);
  write(state, facts, [{ lot, amount: plan.monthly_credits - charged }]);
}

function isLapsed(state: State, period: ModelPeriod): boolean {
  return state.clock >= monthsAfter(period.anchor_at, period.index + 1) + graceOf(state, period);
}

/** The oldest holds' pins first. */
function movePins(state: State, from: ModelLot, to: ModelLot, amount: number): void {
  let left = amount;
  for (const hold of state.holds) {
    const pins: { lot: string; amount: number }[] = [];
    for (const pin of hold.pins) {
      const moved = pin.lot === from.id ? Math.min(left, pin.amount) : 0;
      left -= moved;
      if (moved > 0) pins.push({ lot: to.id, amount: moved });
      if (moved < pin.amount) pins.push({ lot: pin.lot, amount: pin.amount - moved });
    }
    hold.pins = pins;
  }
}

function keyOf(state: State, plan: Plan): string {
  const { subscription, clock, lines } = state;
  const id = subscription?.stripe_subscription_id ?? 'none';
  const second = Math.floor((subscription?.snapshot_at ?? clock) / 1_000);
  return `plan:${id}:${plan.id}@${second}.${lines.length + 1}`;
}
