import { genesis_hash } from '../ledger/entry.ts';
import { availableIn, type Lot } from '../ledger/lot.ts';
import { periodEnd } from '../period.ts';
import { type Catalog, type Plan, type PlanId, planOf } from '../plan.ts';
import type { Credits, Instant } from '../units.ts';
import type { FeatureOverride } from './feature-override.ts';
import type { Hold } from './hold.ts';
import { no_rows, type Rows } from './rows.ts';
import { isInForce, type Subscription } from './subscription.ts';

/** The account's running monthly period. The monthly lot is its allowance. */
export interface Period {
  readonly plan: PlanId;
  /** The Stripe subscription whose grid the period is on; null means the free plan's grid. */
  readonly stripe_subscription_id: string | null;
  readonly anchor_at: Instant;
  readonly index: number;
  /**
   * Use of this period that no monthly lot paid: under an unlimited plan, or beyond a smaller
   * plan's allowance.
   */
  readonly uncharged_use: Credits;
  /** Use in entries after this `seq` counts in this period. */
  readonly opened_seq: number;
}

/** All state that decides about an account's credits, in one item. Only `transact` changes it. */
export interface Account {
  readonly account_id: string;
  /** The stored item's version; 0 means not stored yet. */
  readonly version: number;
  /** The newest entry's `seq`; 0 means no entry. */
  readonly seq: number;
  /** The newest entry's hash. */
  readonly head_hash: string;
  readonly created_at: Instant;
  /**
   * When the account last changed; in a draft, the newest entry's moment. Time never runs backwards
   * for an account.
   */
  readonly updated_at: Instant;
  readonly period: Period;
  readonly lots: readonly Lot[];
  /** Open holds, oldest first. */
  readonly holds: readonly Hold[];
  readonly subscription: Subscription | null;
  readonly stripe_customer_id: string | null;
  /**
   * Customers that the account had until Stripe deleted them. Late events about them still belong
   * to it.
   */
  readonly former_customers: readonly string[];
  readonly overrides: readonly FeatureOverride[];
  /** Whether members' spending is counted: from the first cap on. */
  readonly counts_members: boolean;
  readonly rows: Rows;
}

/**
 * An account that nobody has seen before. `rollForward` opens its first free period, which begins
 * at `now`.
 */
export function newAccount(account_id: string, catalog: Catalog, now: Instant): Account {
  return {
    account_id,
    version: 0,
    seq: 0,
    head_hash: genesis_hash,
    created_at: now,
    updated_at: now,
    period: {
      plan: catalog.free_plan,
      stripe_subscription_id: null,
      anchor_at: now,
      index: 0,
      uncharged_use: 0,
      opened_seq: 0,
    },
    lots: [],
    holds: [],
    subscription: null,
    stripe_customer_id: null,
    former_customers: [],
    overrides: [],
    counts_members: false,
    rows: no_rows,
  };
}

/**
 * The lot of the running period's allowance. Absent on unlimited plans, and after an unpaid
 * period's grace.
 */
export function monthlyLot(account: Account): Lot | undefined {
  return account.lots.find(isMonthlyLot);
}

/** Whether the lot is the running allowance. A closed lot that holds keep alive is not. */
export function isMonthlyLot(lot: Lot): boolean {
  return lot.kind === 'monthly' && !lot.is_closed;
}

/** The plan in effect: the subscription's plan while it is in force, else the free plan. */
export function planInEffect(account: Account, catalog: Catalog): Plan {
  const { subscription } = account;
  const in_force = subscription !== null && isInForce(subscription);
  return planOf(catalog, in_force ? subscription.plan : catalog.free_plan);
}

/** Stripe's word for the account's latest subscription; `active` if there never was one. */
export function statusOf(account: Account): string {
  return account.subscription?.status ?? 'active';
}

/** The end of the running period. The next allowance comes then, if it is paid for. */
export function resetAt(account: Account): Instant {
  return periodEnd(account.period.anchor_at, account.period.index);
}

/**
 * Whether every spend succeeds: the plan is unlimited, and its period is covered or in its grace.
 */
export function isUnlimited(account: Account, catalog: Catalog, now: Instant): boolean {
  const { period } = account;
  if (planOf(catalog, period.plan).monthly_credits !== null) return false;
  return now < resetAt(account) + graceOf(period, catalog);
}

/**
 * How long a period's allowance stays usable after its end. None on the free plan: its next period
 * is always covered.
 */
export function graceOf(period: Pick<Period, 'stripe_subscription_id'>, catalog: Catalog): number {
  return period.stripe_subscription_id === null ? 0 : catalog.policies.renewal_grace_ms;
}

/** What can be deducted now; null means unlimited. Roll the account forward to `now` first. */
export function availableCredits(account: Account, catalog: Catalog, now: Instant): Credits | null {
  return isUnlimited(account, catalog, now) ? null : availableIn(account.lots);
}

/**
 * The account's customer after news of this one. The first customer stays, and a deleted one does
 * not come back.
 */
export function customerOf({ stripe_customer_id, former_customers }: Account, heard_of: string): string | null {
  return stripe_customer_id ?? (former_customers.includes(heard_of) ? null : heard_of);
}
