import { monthOf } from './calendar.ts';
import { countUse } from './members.ts';
import {
  balance_max,
  balanceIn,
  type Line,
  type LineDetails,
  lotNamed,
  type ModelLot,
  monthlyOf,
  openLot,
  type Refusal,
  type State,
  shownLots,
  write,
} from './state.ts';
import { roll } from './time.ts';

export interface Grant {
  readonly key: string;
  readonly amount: number;
  readonly expires_at: number | null;
  readonly priority: number;
  readonly actor: string;
}

export const granted_lots_max = 100;

export function grant(state: State, given: Grant, now: number): Refusal | null {
  roll(state, now);
  const { amount, expires_at, priority } = given;
  if (expires_at !== null && expires_at <= state.clock) return { code: 'expiry_in_past' };
  if (amount > balance_max - balanceIn(state)) return { code: 'credits_out_of_range' };
  const granted = shownLots(state).filter((lot) => lot.kind === 'bonus');
  if (granted.length >= granted_lots_max) return { code: 'too_many_lots' };
  const lot = openLot(state, { kind: 'bonus', amount, priority, expires_at, created_at: state.clock });
  const facts = { entry_id: `grant:${given.key}`, type: 'bonus', at: state.clock, actor: given.actor };
  write(state, facts, [{ lot, amount }]);
  return null;
}

export interface Refund {
  readonly key: string;
  readonly refunds: string;
  /** null is the rest of the charge. */
  readonly amount: number | null;
  readonly actor: string;
}

interface Facts {
  readonly entry_id: string;
  readonly type: string;
  readonly at: number;
  readonly actor: string;
  readonly more: LineDetails;
}

/** Leaves the lots as if so much less had been charged: what was burnt last comes back first. */
export function refund(state: State, refunded: Refund, now: number): Refusal | null {
  roll(state, now);
  const charge = state.lines.find((line) => line.entry_id === refunded.refunds);
  if (charge === undefined) return { code: 'entry_not_found' };
  const before = state.refunded.get(charge.entry_id) ?? 0;
  const refundable_credits = chargedBy(charge) - before;
  const amount = refunded.amount ?? refundable_credits;
  if (refundable_credits === 0 || amount > refundable_credits) {
    return { code: 'refund_exceeds_charge', refundable_credits };
  }
  const is_covered = charge.more.covered_credits !== undefined;
  if (!is_covered && amount > balance_max - balanceIn(state)) return { code: 'credits_out_of_range' };
  note(state, charge, before, amount, refundable_credits);
  state.refunded.set(charge.entry_id, before + amount);
  const more: LineDetails = { refunds: charge.entry_id };
  const { feature, member } = charge.more;
  if (feature !== undefined) more.feature = feature;
  if (member !== undefined && monthOf(charge.created_at) === monthOf(state.clock)) {
    more.member = member;
    countUse(state, member, -amount);
  }
  const facts = { entry_id: `refund:${refunded.key}`, type: 'refund', at: state.clock, actor: refunded.actor };
  if (is_covered) refundCovered(state, { ...facts, more }, charge, amount);
  else refundLots(state, { ...facts, more }, lastBurnt(state, charge, before, amount));
  return null;
}

/** Only uses can be given back. */
export function chargedBy(line: Line): number {
  return line.type === 'usage' ? (line.more.covered_credits ?? 0 - line.amount) : 0;
}

function note(state: State, charge: Line, before: number, amount: number, refundable: number): void {
  if (charge.more.hold_id !== undefined) state.seen.push('settlement refunded');
  if (amount < refundable) state.seen.push('part refunded');
  if (before > 0) state.seen.push('refunded again');
  if (charge.lots.length > 1) state.seen.push('refund over several lots');
}

interface Piece {
  readonly lot: ModelLot;
  readonly amount: number;
}

/** Each piece goes back to its lot; one that has ended takes it and loses it at once. */
function refundLots(state: State, facts: Facts, pieces: readonly Piece[]): void {
  const moves: Piece[] = [];
  const lost: Piece[] = [];
  let back_in_all = 0;
  for (const { lot, amount } of pieces) {
    let to_lot = amount;
    if (lot.kind === 'monthly' && lot.allowance === state.period.allowance && lot.closed) {
      const running = monthlyOf(state);
      const back = useTakenBack(state, amount, back_in_all);
      back_in_all += back;
      if (running !== null && back > 0) moves.push({ lot: running, amount: back });
      state.seen.push(running === null ? 'refund to an allowance that has ended' : 'refund to a successor');
      // What was used beyond the allowance went into no lot of today: the old one takes it and
      // loses it.
      to_lot -= back;
    }
    if (to_lot === 0) continue;
    moves.push({ lot, amount: to_lot });
    if (isOver(state, lot)) lost.push({ lot, amount: -to_lot });
    else if (lot.remaining === 0) bringBack(state, lot);
  }
  write(state, facts, moves);
  if (lost.length === 0) return;
  for (const { lot } of lost) state.seen.push(`refund into an ended ${lot.kind} lot`);
  write(state, { entry_id: `expire:${facts.entry_id}`, type: 'expire', at: state.clock, actor: 'system' }, lost);
}

/**
 * An emptied lot comes back, behind those that are there: of several that expire at one moment it
 * is the last.
 */
function bringBack(state: State, back: ModelLot): void {
  if (back.kind !== 'monthly') state.lots = [...state.lots.filter((lot) => lot !== back), back];
  state.seen.push('emptied lot brought back');
}

/**
 * As if so much less of the running allowance had been used: what was used beyond it is less first.
 * Says what comes back to its lot, which is not more than the lot has counted as used, less what
 * this refund brings back already.
 */
function useTakenBack(state: State, amount: number, already: number): number {
  const beyond = Math.min(amount, state.period.uncharged);
  state.period.uncharged -= beyond;
  if (beyond > 0 && beyond < amount) state.seen.push('refund in part beyond the allowance');
  const lot = monthlyOf(state);
  return lot === null ? 0 : Math.min(amount - beyond, lot.amount - lot.remaining - already);
}

/**
 * The pieces of a charge that were burnt last, of what has not been given back yet; the last one
 * first.
 */
function lastBurnt(state: State, charge: Line, before: number, amount: number): Piece[] {
  const pieces: Piece[] = [];
  let given = before;
  let left = amount;
  for (const moved of charge.lots.toReversed()) {
    const burnt = -moved.amount;
    const skipped = Math.min(given, burnt);
    given -= skipped;
    const piece = Math.min(left, burnt - skipped);
    left -= piece;
    if (piece > 0) pieces.push({ lot: lotNamed(state, moved.id), amount: piece });
  }
  return pieces;
}

function isOver(state: State, lot: ModelLot): boolean {
  return lot.closed || (lot.kind !== 'monthly' && lot.expires_at !== null && lot.expires_at <= state.clock);
}

/**
 * An unlimited plan paid: no lot gets anything back, unless a change of plan has charged the use to
 * one since.
 */
function refundCovered(state: State, facts: Facts, charge: Line, amount: number): void {
  const in_period = charge.allowance === state.period.allowance;
  const back = in_period ? useTakenBack(state, amount, 0) : 0;
  const lot = monthlyOf(state);
  state.seen.push(in_period ? 'covered charge refunded in its period' : 'covered charge refunded after its period');
  if (back > 0) state.seen.push('covered charge refunded to a lot');
  const more: LineDetails = { ...facts.more };
  if (back < amount) more.covered_credits = amount - back;
  write(state, { ...facts, more }, lot !== null && back > 0 ? [{ lot, amount: back }] : []);
}
