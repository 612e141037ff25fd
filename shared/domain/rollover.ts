import type { Account } from './account.ts';
import type { NewLot } from './draft.ts';
import { availableOf, balanceOf, default_priority, type Lot } from './lot.ts';
import { periodEnd } from './period.ts';
import { type Catalog, planOf } from './plan.ts';
import { balance_max } from './units.ts';

/**
 * The lot that what is left of the monthly one becomes when the next period opens: its plan's share of it, as far as the cap on all
 * of the account's rollover lots goes, and as an account can count; null when nothing rolls over. What holds have pinned does not.
 */
export function rolledOver({ period, lots }: Account, monthly: Lot, catalog: Catalog): NewLot | null {
  const { rollover } = planOf(catalog, period.plan);
  if (rollover === null) return null;
  const share = percentOf(availableOf(monthly), rollover.share_percent);
  const room = (rollover.cap ?? Number.POSITIVE_INFINITY) - rolledOverIn(lots);
  const amount = Math.min(share, room, balance_max - balanceOf(lots));
  if (amount <= 0) return null;
  return {
    kind: 'rollover',
    amount,
    remaining: amount,
    priority: default_priority,
    expires_at: periodEnd(period.anchor_at, period.index + rollover.expires_after_months),
    // They are as old as the allowance that they come from, so of two lots that end together they burn first.
    created_at: monthly.created_at,
  };
}

function rolledOverIn(lots: readonly Lot[]): number {
  return lots.reduce((sum, lot) => sum + (lot.kind === 'rollover' ? lot.remaining : 0), 0);
}

/** Rounded down, exact up to 2^53 − 1. */
function percentOf(amount: number, percent: number): number {
  return Math.floor(amount / 100) * percent + Math.floor(((amount % 100) * percent) / 100);
}
