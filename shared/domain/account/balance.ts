import { availableIn, type Lot } from '../ledger/lot.ts';
import type { Catalog, PlanId } from '../plan.ts';
import type { Credits, Instant } from '../units.ts';
import { type Account, isMonthlyLot, isUnlimited, monthlyLot, planInEffect, resetAt, statusOf } from './account.ts';

/**
 * `available_credits = monthly_credits − used_credits + bonus_credits − held_credits`, unless the
 * plan is unlimited.
 */
export interface Balance {
  readonly account_id: string;
  readonly plan: PlanId;
  readonly status: string;
  readonly unlimited: boolean;
  /** null means unlimited. */
  readonly monthly_credits: Credits | null;
  readonly used_credits: Credits;
  readonly bonus_credits: Credits;
  readonly held_credits: Credits;
  /** null means unlimited. */
  readonly available_credits: Credits | null;
  readonly reset_at: Instant;
  readonly lots: readonly Lot[];
}

/** The balance at `now`. Roll the account forward to `now` first. */
export function balanceAt(account: Account, catalog: Catalog, now: Instant): Balance {
  const { account_id, lots, period } = account;
  const unlimited = isUnlimited(account, catalog, now);
  const monthly = monthlyLot(account);
  const used = monthly === undefined ? 0 : monthly.amount - monthly.remaining;
  return {
    account_id,
    plan: planInEffect(account, catalog).id,
    status: statusOf(account),
    unlimited,
    monthly_credits: unlimited ? null : (monthly?.amount ?? 0),
    used_credits: unlimited ? period.uncharged_use : used,
    bonus_credits: lots.reduce((sum, lot) => sum + (isMonthlyLot(lot) ? 0 : lot.remaining), 0),
    held_credits: lots.reduce((sum, lot) => sum + lot.held, 0),
    available_credits: unlimited ? null : availableIn(lots),
    reset_at: resetAt(account),
    // A lot that owes its spent credits has nothing to show.
    lots: lots.filter((lot) => lot.remaining > 0 || isMonthlyLot(lot)),
  };
}
