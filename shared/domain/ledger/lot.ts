import type { Credits, Instant } from '../units.ts';

/** `monthly`, `rollover` and `bonus` cost nothing; `purchase` was paid for. */
export const lot_kinds = ['monthly', 'bonus', 'purchase', 'rollover'] as const;

export type LotKind = (typeof lot_kinds)[number];

export const default_priority = 50;

/** What defines a lot, apart from what remains in it. */
export interface LotTerms {
  /** The credits with which the lot was opened. For a monthly lot, the period's whole allowance. */
  readonly amount: Credits;
  /** 0–100; lower burns first. */
  readonly priority: number;
  /**
   * The first moment at which the lot is gone; null means never. A monthly lot ends with its period
   * instead.
   */
  readonly expires_at: Instant | null;
  readonly created_at: Instant;
}

/** Credits that came together. A balance is a small set of lots. */
export interface Lot extends LotTerms {
  /** `lot_<seq of the entry that opened it>`. */
  readonly id: string;
  readonly kind: LotKind;
  readonly remaining: Credits;
  /** The part of `remaining` that open holds have pinned. */
  readonly held: Credits;
  /**
   * The lot has ended while holds had pinned a part of it. Nothing else remains, and what a hold
   * frees of it expires at once.
   */
  readonly is_closed: boolean;
  /**
   * The lot's money went back after this many of its credits were spent or held. What comes back to
   * the lot is taken until the debt is paid.
   */
  readonly owed?: Credits;
}

/** The id of the lot that the entry with this `seq` opens. */
export function lotIdOf(seq: number): string {
  return `lot_${seq}`;
}

/** The `seq` of the entry that opened the lot with this id. */
export function openedBy(id: string): number {
  return Number(id.slice('lot_'.length));
}

/** How much one lot moved. An entry lists its lots in the order in which it touched them. */
export interface LotMovement {
  readonly id: string;
  readonly kind: LotKind;
  readonly amount: Credits;
  /** In a charge: what brings the lot back for a refund after it was emptied and left. */
  readonly terms?: LotTerms;
}

/**
 * The total order in which lots are spent: priority, then the soonest expiry, then unpaid before
 * paid, then the oldest, then by id. Negative if `a` burns before `b`.
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

/** The lot with this debt. */
export function withDebt(lot: Lot, owed: Credits): Lot {
  const { owed: _, ...free } = lot;
  return owed === 0 ? free : { ...free, owed };
}

/** The credits of the lot that can be spent. */
export function availableOf(lot: Lot): Credits {
  return lot.remaining - lot.held;
}

/** The credits of all lots that can be spent. */
export function availableIn(lots: readonly Lot[]): Credits {
  return lots.reduce((sum, lot) => sum + availableOf(lot), 0);
}

/** What remains in all lots, held or not. This is the account's balance: the sum of its entries. */
export function balanceOf(lots: readonly Lot[]): Credits {
  return lots.reduce((sum, lot) => sum + lot.remaining, 0);
}

/** An amount of one lot. */
export interface Share {
  readonly lot: Lot;
  readonly amount: Credits;
}

/** The shares of `amount` in burn order. The caller has made sure that the lots have enough. */
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

/** Compares by code unit, so the order is the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
