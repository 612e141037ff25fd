import type { Account } from '../account/account.ts';
import type { NewLot } from '../account/draft.ts';
import { availableOf, balanceOf, default_priority, type Lot } from '../ledger/lot.ts';
import { periodEnd } from '../period.ts';
import { type Catalog, planOf } from '../plan.ts';
import { balance_max } from '../units.ts';

/**
 * The lot into which unused monthly allowance rolls over when the next period opens; null if
 * nothing rolls over. It gets the plan's share, as far as the cap on all of the account's rollover
 * lots allows, and as far as an account can count. Held credits do not roll over.
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
    // Rolled-over credits keep the age of their allowance, so of two lots that end together they
    // burn first.
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
