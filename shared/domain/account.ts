import { genesis_hash } from './entry.ts';
import type { FeatureOverride } from './feature-override.ts';
import type { Hold } from './hold.ts';
import { availableIn, type Lot } from './lot.ts';
import { no_parts, type Parts } from './parts.ts';
import { periodEnd } from './period.ts';
import { type Catalog, type Plan, type PlanId, planOf } from './plan.ts';
import { isInForce, type Subscription } from './subscription.ts';
import type { Credits, Instant } from './units.ts';

/** The monthly period that an account is in: whose allowance its monthly lot is. */
export interface Period {
  readonly plan: PlanId;
  /** The Stripe subscription whose grid it is on; null is the free plan's own grid. */
  readonly stripe_subscription_id: string | null;
  readonly anchor_at: Instant;
  readonly index: number;
  /** Used in this period and not taken from the monthly lot: under an unlimited plan, or more than a smaller plan's allowance. */
  readonly uncharged_use: Credits;
  /** The use of entries after this one counts in this period. */
  readonly opened_seq: number;
}

/** All state that decides about an account's credits; one item, changed by one function only. */
export interface Account {
  readonly account_id: string;
  /** Of the stored item; 0 is not stored yet. */
  readonly version: number;
  /** Of the newest entry; 0 is none. */
  readonly seq: number;
  /** Hash of the newest entry. */
  readonly head_hash: string;
  readonly created_at: Instant;
  /** Of the last commit, in a draft of its newest entry too: time never runs backwards for an account. */
  readonly updated_at: Instant;
  readonly period: Period;
  readonly lots: readonly Lot[];
  /** Those that are open, oldest first. */
  readonly holds: readonly Hold[];
  readonly subscription: Subscription | null;
  readonly stripe_customer_id: string | null;
  /** Customers that it had until they were deleted at Stripe: what is still heard of them is its own. */
  readonly former_customers: readonly string[];
  readonly overrides: readonly FeatureOverride[];
  /** Whether members' spending is counted: since the first of them was given a cap. */
  readonly counts_members: boolean;
  readonly parts: Parts;
}

/** An account nobody has seen before: `rollForward` opens its first free period, which begins at `now`. */
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
    parts: no_parts,
  };
}

/** The lot of the running period's allowance; absent on unlimited plans and after an unpaid period's grace. */
export function monthlyLot(account: Account): Lot | undefined {
  return account.lots.find(isMonthlyLot);
}

/** Whether it is the running allowance: one that has ended under a hold is not. */
export function isMonthlyLot(lot: Lot): boolean {
  return lot.kind === 'monthly' && !lot.is_closed;
}

/** The plan in effect: the subscription's while it is in force, else the free one. */
export function planInEffect(account: Account, catalog: Catalog): Plan {
  const { subscription } = account;
  const in_force = subscription !== null && isInForce(subscription);
  return planOf(catalog, in_force ? subscription.plan : catalog.free_plan);
}

/** `active`, or what Stripe calls the account's latest subscription. */
export function statusOf(account: Account): string {
  return account.subscription?.status ?? 'active';
}

/** When the running period ends and, if it is paid for, the next allowance comes. */
export function resetAt(account: Account): Instant {
  return periodEnd(account.period.anchor_at, account.period.index);
}

/** Whether every spend succeeds: the plan is unlimited and its period is covered, or in its grace. */
export function isUnlimited(account: Account, catalog: Catalog, now: Instant): boolean {
  const { period } = account;
  if (planOf(catalog, period.plan).monthly_credits !== null) return false;
  return now < resetAt(account) + graceOf(period, catalog);
}

/** How long a period's allowance stays usable after its end: none on the free plan, whose next period is always covered. */
export function graceOf(period: Pick<Period, 'stripe_subscription_id'>, catalog: Catalog): number {
  return period.stripe_subscription_id === null ? 0 : catalog.policies.renewal_grace_ms;
}

/** What can be deducted now; null is unlimited. The account has been rolled forward to `now`. */
export function availableCredits(account: Account, catalog: Catalog, now: Instant): Credits | null {
  return isUnlimited(account, catalog, now) ? null : availableIn(account.lots);
}

/** The account's customer once it has heard of this one: the first one stays, and one that was deleted does not come back. */
export function customerOf({ stripe_customer_id, former_customers }: Account, heard_of: string): string | null {
  return stripe_customer_id ?? (former_customers.includes(heard_of) ? null : heard_of);
}
