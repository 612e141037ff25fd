import type { SubscriptionSnapshot } from '../../../shared/domain/account/subscription.ts';
import type { LotKind } from '../../../shared/domain/ledger/lot.ts';
import type { Catalog, Plan } from '../../../shared/domain/plan.ts';
import { monthsAfter } from './calendar.ts';

/**
 * A reference model of one account, to compare the domain with. It is written from DESIGN section 4
 * and docs/credits.md, with plain loops over mutable data, and it forgets nothing: emptied and
 * expired lots stay in it, so that a refund finds them.
 */
export interface State {
  readonly catalog: Catalog;
  /** The moment that the account is at. Time never runs backwards for it. */
  clock: number;
  /** When it was last changed. */
  committed_at: number;
  /** Every lot there ever was, in the order of opening or of coming back. */
  lots: ModelLot[];
  /** The open ones, in the order of opening. */
  holds: ModelHold[];
  /** How holds ended. */
  ended: Map<string, 'settled' | 'released'>;
  period: ModelPeriod;
  subscription: ModelSubscription | null;
  /** Those that were held before, if they were ever paid for. */
  former: Map<string, FormerSubscription>;
  /** When the latest period of each subscription began. */
  given: Map<string, number>;
  customer: string | null;
  overrides: Map<string, ModelOverride>;
  members: Map<string, ModelMember>;
  /** Whether members' use is counted: since the account's first cap. */
  counts_members: boolean;
  lines: Line[];
  /** Uses of features, as they were counted. */
  uses: { readonly feature: string; readonly day: string; readonly credits: number }[];
  /** By the entry's key: the request that was accepted. */
  asked: Map<string, string | null>;
  /** What was given back of each charge. */
  refunded: Map<string, number>;
  /** What has happened to this account that is worth reaching; the tests count it. */
  seen: string[];
}

export interface ModelLot {
  readonly id: string;
  readonly kind: LotKind;
  readonly amount: number;
  remaining: number;
  readonly priority: number;
  readonly expires_at: number | null;
  readonly created_at: number;
  /** It has expired, or a plan change or the end of its period has closed it. */
  closed: boolean;
  /**
   * Of a monthly lot: which allowance it is. A plan change that carries the use over goes on with
   * the same one.
   */
  readonly allowance: number;
}

export interface ModelHold {
  readonly id: string;
  readonly amount: number;
  pins: { lot: string; amount: number }[];
  readonly feature: string | null;
  readonly member: string | null;
  readonly created_at: number;
  readonly expires_at: number;
}

export interface ModelPeriod {
  plan: string;
  subscription: string | null;
  anchor_at: number;
  index: number;
  /** Used and not taken from the monthly lot. */
  uncharged: number;
  allowance: number;
}

export interface ModelSubscription extends SubscriptionSnapshot {
  paid: { from: number; through: number } | null;
  left: { anchor_at: number; index: number; used: number } | null;
}

export interface FormerSubscription {
  readonly has_ended: boolean;
  readonly paid: ModelSubscription['paid'];
  readonly left: ModelSubscription['left'];
}

export interface ModelOverride {
  readonly allowed: boolean;
  readonly expires_at: number | null;
}

export interface ModelMember {
  cap: number | null;
  month: string;
  used: number;
}

/** What the model expects to read in the ledger. */
export interface Line {
  readonly entry_id: string;
  readonly type: string;
  readonly created_at: number;
  readonly actor: string;
  readonly lots: { id: string; kind: LotKind; amount: number }[];
  readonly amount: number;
  readonly balance_after: number;
  readonly more: LineDetails;
  /** The allowance that was running: its use is what a refund takes back. */
  readonly allowance: number;
}

export interface LineDetails {
  feature?: string;
  covered_credits?: number;
  skipped_periods?: number;
  hold_id?: string;
  held_credits?: number;
  hold_expires_at?: number;
  refunds?: string;
  shortfall_credits?: number;
  member?: string;
}

export interface Refusal {
  readonly code: string;
  readonly required?: number;
  readonly available_credits?: number;
  readonly refundable_credits?: number;
}

/** An account as it is first seen: its first free period is opened by the first roll. */
export function newState(catalog: Catalog, now: number): State {
  return {
    catalog,
    clock: now,
    committed_at: now,
    lots: [],
    holds: [],
    ended: new Map(),
    period: { plan: catalog.free_plan, subscription: null, anchor_at: now, index: 0, uncharged: 0, allowance: 0 },
    subscription: null,
    former: new Map(),
    given: new Map(),
    customer: null,
    overrides: new Map(),
    members: new Map(),
    counts_members: false,
    lines: [],
    uses: [],
    asked: new Map(),
    refunded: new Map(),
    seen: [],
  };
}

/** The most that an account is given, or given back. */
export const balance_max = 2 ** 52;

/** A copy to try a command on: a refused one changes nothing. */
export function copyOf(state: State): State {
  return {
    ...state,
    lots: state.lots.map((lot) => ({ ...lot })),
    holds: state.holds.map((hold) => ({ ...hold, pins: hold.pins.map((pin) => ({ ...pin })) })),
    ended: new Map(state.ended),
    period: { ...state.period },
    subscription: state.subscription === null ? null : { ...state.subscription },
    former: new Map(state.former),
    given: new Map(state.given),
    overrides: new Map(state.overrides),
    members: new Map([...state.members].map(([name, member]) => [name, { ...member }])),
    lines: [...state.lines],
    uses: [...state.uses],
    asked: new Map(state.asked),
    refunded: new Map(state.refunded),
    seen: [],
  };
}

/** The account is in another period. */
export function enter(state: State, period: ModelPeriod): void {
  state.period = period;
  if (period.subscription === null) return;
  const begins = monthsAfter(period.anchor_at, period.index);
  state.given.set(period.subscription, Math.max(begins, state.given.get(period.subscription) ?? begins));
}

export function planNamed(state: State, id: string): Plan {
  for (const plan of state.catalog.plans) if (plan.id === id) return plan;
  throw new Error(`no plan ${id}`);
}

export function lotNamed(state: State, id: string): ModelLot {
  for (const lot of state.lots) if (lot.id === id) return lot;
  throw new Error(`no lot ${id}`);
}

/** What open holds have pinned in a lot. */
export function heldIn(state: State, lot: ModelLot): number {
  let held = 0;
  for (const hold of state.holds) for (const pin of hold.pins) if (pin.lot === lot.id) held += pin.amount;
  return held;
}

export function freeIn(state: State, lot: ModelLot): number {
  return lot.remaining - heldIn(state, lot);
}

/** The lot of the running period's allowance. */
export function monthlyOf(state: State): ModelLot | null {
  for (const lot of state.lots) if (lot.kind === 'monthly' && !lot.closed) return lot;
  return null;
}

/** The lots that the account still shows: those with credits in them, and the running period's. */
export function shownLots(state: State): ModelLot[] {
  return state.lots.filter((lot) => lot.remaining > 0 || (lot.kind === 'monthly' && !lot.closed));
}

export function balanceIn(state: State): number {
  let balance = 0;
  for (const lot of state.lots) balance += lot.remaining;
  return balance;
}

export function availableIn(state: State): number {
  let available = 0;
  for (const lot of state.lots) available += freeIn(state, lot);
  return available;
}

/**
 * The lots that can be spent, the first to be spent first: by priority, end, paid after unpaid,
 * age, id.
 */
export function spendingOrder(state: State): ModelLot[] {
  const never = Number.POSITIVE_INFINITY;
  const spendable = state.lots.filter((lot) => lot.remaining > 0 && freeIn(state, lot) > 0);
  return spendable.sort((a, b) => {
    if (a.priority !== b.priority) return a.priority - b.priority;
    const [a_end, b_end] = [a.expires_at ?? never, b.expires_at ?? never];
    if (a_end !== b_end) return a_end < b_end ? -1 : 1;
    if ((a.kind === 'purchase') !== (b.kind === 'purchase')) return a.kind === 'purchase' ? 1 : -1;
    if (a.created_at !== b.created_at) return a.created_at - b.created_at;
    return a.id < b.id ? -1 : 1;
  });
}

/**
 * A line that moves credits of lots; they move with it. What moves in one lot is one movement, at
 * its first place.
 */
export function write(
  state: State,
  facts: { entry_id: string; type: string; at: number; actor: string; more?: LineDetails },
  moves: { lot: ModelLot; amount: number }[] = [],
): void {
  const lots: Line['lots'] = [];
  let amount = 0;
  for (const move of moves) {
    move.lot.remaining += move.amount;
    amount += move.amount;
    const same = lots.find((other) => other.id === move.lot.id);
    if (same !== undefined) same.amount += move.amount;
    else lots.push({ id: move.lot.id, kind: move.lot.kind, amount: move.amount });
  }
  state.lines.push({
    entry_id: facts.entry_id,
    type: facts.type,
    created_at: bookedAt(state, facts.at),
    actor: facts.actor,
    lots,
    amount,
    balance_after: balanceIn(state),
    more: facts.more ?? {},
    allowance: state.period.allowance,
  });
}

/** When it took effect, but never before the line ahead of it, nor before the last change. */
export function bookedAt(state: State, at: number): number {
  return Math.max(state.committed_at, state.lines.at(-1)?.created_at ?? at, at);
}

/** A new lot, empty until the line that opens it is written: it has the number of that line. */
export function openLot(state: State, lot: Omit<ModelLot, 'id' | 'remaining' | 'closed' | 'allowance'>): ModelLot {
  const opened = {
    ...lot,
    id: `lot_${state.lines.length + 1}`,
    remaining: 0,
    closed: false,
    allowance: lot.kind === 'monthly' ? state.period.allowance : 0,
  };
  state.lots.push(opened);
  return opened;
}
