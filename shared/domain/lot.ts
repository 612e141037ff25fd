import type { Credits, Instant } from './units.ts';

/** `monthly` and `rollover` and `bonus` cost nothing; `purchase` was paid for. */
export type LotKind = 'monthly' | 'bonus' | 'purchase' | 'rollover';

export const default_priority = 50;

/** What a lot is by, apart from what remains in it. */
export interface LotTerms {
  /** What the lot was opened with; for a monthly lot the period's whole allowance. */
  readonly amount: Credits;
  /** 0–100; lower burns first. */
  readonly priority: number;
  /** The first moment at which it is gone; null is never. A monthly lot ends with its period instead. */
  readonly expires_at: Instant | null;
  readonly created_at: Instant;
}

/** A parcel of credits that came together. A balance is a small set of lots. */
export interface Lot extends LotTerms {
  /** `lot_<seq of the entry that opened it>`. */
  readonly id: string;
  readonly kind: LotKind;
  readonly remaining: Credits;
  /** The part of `remaining` that open holds have pinned. */
  readonly held: Credits;
  /**
   * It has ended while holds had pinned a part of it: nothing else remains, and what a hold frees of it expires at once.
   */
  readonly is_closed: boolean;
  /** Its money went back when so many of its credits were spent or held: what comes back to it is taken, until this is. */
  readonly owed?: Credits;
}

/** The id of the lot that the entry of this seq opens. */
export function lotIdOf(seq: number): string {
  return `lot_${seq}`;
}

/** The seq of the entry that opened the lot of this id. */
export function openedBy(id: string): number {
  return Number(id.slice('lot_'.length));
}

/** How much one lot moved, in an entry's order of touching. */
export interface LotMovement {
  readonly id: string;
  readonly kind: LotKind;
  readonly amount: Credits;
  /** Of a charge: what brings the lot back for a refund when it has been emptied and has left. */
  readonly terms?: LotTerms;
}

/**
 * The total order in which lots are spent: priority, then the soonest expiry, then unpaid before paid, then the oldest, then by id.
 * Negative when `a` burns before `b`.
 */
export function burnOrder(a: Lot, b: Lot): number {
  return (
    a.priority - b.priority ||
    compareInstants(a.expires_at, b.expires_at) ||
    Number(a.kind === 'purchase') - Number(b.kind === 'purchase') ||
    a.created_at - b.created_at ||
    compareText(a.id, b.id)
  );
}

/** The lot, owing so much. */
export function withDebt(lot: Lot, owed: Credits): Lot {
  const { owed: _, ...free } = lot;
  return owed === 0 ? free : { ...free, owed };
}

/** What can be spent of the lot. */
export function availableOf(lot: Lot): Credits {
  return lot.remaining - lot.held;
}

/** What can be spent of all lots together. */
export function availableIn(lots: readonly Lot[]): Credits {
  return lots.reduce((sum, lot) => sum + availableOf(lot), 0);
}

/** What remains in all lots, held or not: the account's balance, which is the sum of its entries. */
export function balanceOf(lots: readonly Lot[]): Credits {
  return lots.reduce((sum, lot) => sum + lot.remaining, 0);
}

/** A lot and how much of it is meant. */
export interface Share {
  readonly lot: Lot;
  readonly amount: Credits;
}

/** The shares of `amount` in burn order. The caller has made sure that as much is available. */
export function sharesOf(lots: readonly Lot[], amount: Credits): Share[] {
  const shares: Share[] = [];
  let left = amount;
  for (const lot of lots.toSorted(burnOrder)) {
    const taken = Math.min(left, availableOf(lot));
    if (taken > 0) shares.push({ lot, amount: taken });
    left -= taken;
  }
  return shares;
}

/** The movement (negative) that charges a share. */
export function charge({ lot, amount }: Share): LotMovement {
  return { id: lot.id, kind: lot.kind, amount: -amount, terms: termsOf(lot) };
}

function termsOf({ amount, priority, expires_at, created_at }: Lot): LotTerms {
  return { amount, priority, expires_at, created_at };
}

function compareInstants(a: Instant | null, b: Instant | null): number {
  if (a === b) return 0;
  return (a ?? Number.POSITIVE_INFINITY) - (b ?? Number.POSITIVE_INFINITY);
}

/** By code unit: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
