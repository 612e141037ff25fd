import { countUse, roomOf } from './members.ts';
import {
  availableIn,
  freeIn,
  type LineDetails,
  lotNamed,
  type ModelHold,
  type ModelLot,
  planNamed,
  type Refusal,
  type State,
  spendingOrder,
  write,
} from './state.ts';
import { endHold, graceOf, periodEndOf, pinnedBy, releaseHold, roll } from './time.ts';

export interface Spend {
  readonly key: string;
  readonly amount: number;
  readonly feature: string | null;
  readonly member: string | null;
  readonly actor: string;
}

interface Move {
  readonly lot: ModelLot;
  readonly amount: number;
}

/** Every spend succeeds: the plan is unlimited, and its period is covered or in its grace. */
export function isUnlimited(state: State): boolean {
  if (planNamed(state, state.period.plan).monthly_credits !== null) return false;
  return state.clock < periodEndOf(state) + graceOf(state, state.period);
}

export function deduct(state: State, spend: Spend, now: number): Refusal | null {
  roll(state, now);
  const refused = overCap(state, spend.member, spend.amount) ?? unaffordable(state, spend.amount);
  if (refused !== null) return refused;
  const facts = { entry_id: `use:${spend.key}`, type: 'usage', at: state.clock, actor: spend.actor };
  const more: LineDetails = { ...featureOf(spend.feature), ...memberOf(state, spend.member) };
  countUse(state, spend.member, spend.amount);
  countFeature(state, spend.feature, spend.amount);
  if (isUnlimited(state)) {
    state.period.uncharged += spend.amount;
    state.seen.push('deduction covered');
    if (state.clock >= periodEndOf(state)) state.seen.push('deduction covered in the grace of an unpaid renewal');
    write(state, { ...facts, more: { ...more, covered_credits: spend.amount } });
    return null;
  }
  const moves = burnt(state, spend.amount);
  if (moves.length > 1) state.seen.push('deduction from several lots');
  if (state.clock >= periodEndOf(state)) state.seen.push('deduction in the grace of an unpaid renewal');
  write(state, { ...facts, more }, moves);
  return null;
}

function countFeature(state: State, feature: string | null, credits: number): void {
  if (feature === null) return;
  state.uses.push({ feature, day: new Date(state.clock).toISOString().slice(0, 10), credits });
}

function featureOf(feature: string | null): LineDetails {
  return feature === null ? {} : { feature };
}

/** A line names the member whose use it counts. */
function memberOf(state: State, member: string | null): LineDetails {
  return member !== null && state.counts_members ? { member } : {};
}

function unaffordable(state: State, amount: number): Refusal | null {
  if (isUnlimited(state)) return amount > mostCovered(state) ? { code: 'credits_out_of_range' } : null;
  const available_credits = availableIn(state);
  return amount > available_credits ? { code: 'insufficient_credits', required: amount, available_credits } : null;
}

/** A period's use is counted up to 2^53 − 1. */
function mostCovered(state: State): number {
  return Number.MAX_SAFE_INTEGER - state.period.uncharged;
}

function overCap(state: State, member: string | null, amount: number): Refusal | null {
  return amount > roomOf(state, member, null) ? { code: 'member_cap_exceeded', required: amount } : null;
}

/** What is taken of which lot, in the order of spending. */
function burnt(state: State, amount: number): Move[] {
  const moves: Move[] = [];
  let left = amount;
  for (const lot of spendingOrder(state)) {
    const taken = Math.min(left, freeIn(state, lot));
    if (taken > 0) moves.push({ lot, amount: -taken });
    left -= taken;
  }
  return moves;
}

export const holds_max = 100;

/**
 * Pins credits in the order of spending, all or nothing; under an unlimited plan it pins nothing.
 */
export function hold(state: State, spend: Spend, hold_id: string, expires_in_s: number, now: number): Refusal | null {
  roll(state, now);
  if (state.holds.length >= holds_max) return { code: 'too_many_holds' };
  const refused = overCap(state, spend.member, spend.amount) ?? unaffordable(state, spend.amount);
  if (refused !== null) return refused;
  const unlimited = isUnlimited(state);
  const pins = unlimited ? [] : burnt(state, spend.amount).map((move) => ({ lot: move.lot.id, amount: -move.amount }));
  const expires_at = state.clock + expires_in_s * 1_000;
  const { amount, feature, member } = spend;
  state.holds.push({ id: hold_id, amount, pins, feature, member, created_at: state.clock, expires_at });
  if (unlimited) state.seen.push('hold on an unlimited plan');
  if (pins.length > 1) state.seen.push('hold over several lots');
  const more = { ...featureOf(feature), hold_id, held_credits: amount, hold_expires_at: expires_at };
  write(state, { entry_id: `hold:${hold_id}`, type: 'hold', at: state.clock, actor: spend.actor, more });
  return null;
}

export interface Settlement {
  readonly hold_id: string;
  readonly amount: number;
  readonly if_insufficient: 'reject' | 'charge_available';
  readonly actor: string;
}

/** Charges what was used and frees the rest. */
export function settle(state: State, settlement: Settlement, now: number): Refusal | null {
  roll(state, now);
  const { hold_id, amount } = settlement;
  const held = state.holds.find((open) => open.id === hold_id);
  if (held === undefined) return { code: state.ended.has(hold_id) ? 'hold_closed' : 'hold_not_found' };
  const unlimited = isUnlimited(state);
  const pinned = pinnedBy(held);
  const payable = unlimited ? mostCovered(state) : pinned + availableIn(state);
  const room = roomOf(state, held.member, held);
  if (settlement.if_insufficient === 'reject') {
    if (amount > room) return { code: 'member_cap_exceeded', required: amount - held.amount };
    if (amount > payable && unlimited) return { code: 'credits_out_of_range' };
    if (amount > payable) {
      return { code: 'insufficient_credits', required: amount - pinned, available_credits: payable - pinned };
    }
  }
  const charged = Math.min(amount, room, payable);
  const more: LineDetails = { ...featureOf(held.feature), ...memberOf(state, held.member), hold_id };
  if (charged < amount) more.shortfall_credits = amount - charged;
  countUse(state, held.member, charged);
  if (charged > 0) countFeature(state, held.feature, charged);
  note(state, held, amount, charged, unlimited);
  const facts = { entry_id: `settle:${hold_id}`, type: 'usage', at: state.clock, actor: settlement.actor };
  if (unlimited) {
    state.period.uncharged += charged;
    write(state, { ...facts, more: { ...more, covered_credits: charged } });
    endHold(state, held, 'settled', held.pins, state.clock);
    return null;
  }
  const { moves, freed } = chargedPins(state, held, charged);
  // Beyond its pins a hold has what nothing has pinned; those that it frees come too late for it.
  const beyond = burnt(state, Math.max(0, charged - pinned));
  write(state, { ...facts, more }, [...moves, ...beyond]);
  endHold(state, held, 'settled', freed, state.clock);
  return null;
}

function note(state: State, held: ModelHold, amount: number, charged: number, unlimited: boolean): void {
  const { seen } = state;
  if (unlimited) seen.push(held.pins.length > 0 ? 'settlement covered, pins freed' : 'settlement covered');
  else if (charged < amount) seen.push('settled short');
  else if (amount > held.amount) seen.push('settled for more');
  else seen.push(amount === held.amount ? 'settled for all' : 'settled for less');
  if (!unlimited && charged > 0 && held.pins.length === 0) seen.push('settled without pins');
}

/**
 * Pins in closed lots are charged first, then in the order of pinning; what is not charged is
 * freed.
 */
function chargedPins(state: State, held: ModelHold, charged: number): { moves: Move[]; freed: ModelHold['pins'] } {
  const in_closed = held.pins.filter((pin) => lotNamed(state, pin.lot).closed);
  const in_open = held.pins.filter((pin) => !lotNamed(state, pin.lot).closed);
  const moves: Move[] = [];
  const freed: ModelHold['pins'] = [];
  let left = charged;
  for (const pin of [...in_closed, ...in_open]) {
    const taken = Math.min(left, pin.amount);
    if (taken > 0) moves.push({ lot: lotNamed(state, pin.lot), amount: -taken });
    if (taken < pin.amount) freed.push({ lot: pin.lot, amount: pin.amount - taken });
    left -= taken;
  }
  if (in_closed.length > 0) state.seen.push('settled from closed lots');
  return { moves, freed };
}

/** Frees the hold, whole. One that has expired meanwhile is released already. */
export function release(state: State, hold_id: string, actor: string, now: number): Refusal | null {
  roll(state, now);
  const held = state.holds.find((open) => open.id === hold_id);
  if (held !== undefined) {
    state.seen.push('hold released');
    releaseHold(state, held, state.clock, actor);
    return null;
  }
  if (!state.ended.has(hold_id)) return { code: 'hold_not_found' };
  if (state.ended.get(hold_id) === 'settled') return { code: 'hold_closed' };
  state.seen.push('released a hold that had just expired');
  return null;
}
