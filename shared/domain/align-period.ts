import { type Account, graceOf, monthlyLot, type Period, planInEffect, resetAt } from './account.ts';
import { coveredUntil, newestCoveredIndex } from './coverage.ts';
import { bookClosedLot, bookFact, bookNewLot, type Draft, notBefore, withAccount } from './draft.ts';
import type { EntryFacts } from './entry.ts';
import type { Catalog, Plan } from './plan.ts';
import { monthlyAllowance } from './roll-forward.ts';
import { isInForce } from './subscription.ts';
import type { Credits, Instant } from './units.ts';

/**
 * Makes the running period that of the plan in effect, after the subscription has changed. A subscription that begins, and the
 * free plan that follows one, start a fresh period with the full allowance; another plan inside a running period carries the use
 * over. Other lots are never touched. Each change is two entries: the old lot closed, the new one opened.
 */
export function alignPeriod(draft: Draft, catalog: Catalog, now: Instant): Draft {
  const { account } = draft;
  const at = notBefore(account, now);
  const plan = planInEffect(account, catalog);
  const grid = gridOf(account, plan, at);
  if (!isSameGrid(grid, account.period)) return switchGrid(draft, catalog, plan, grid, at);
  if (plan.id !== account.period.plan) return carryOver(draft, catalog, plan, at);
  return draft;
}

/** The monthly grid that the plan in effect runs on. A free account stays on its own; one that falls back begins a new one. */
function gridOf(account: Account, plan: Plan, at: Instant): Period {
  const { subscription, period } = account;
  if (subscription !== null && isInForce(subscription)) {
    const { stripe_subscription_id, billing_cycle_anchor: anchor_at } = subscription;
    const grid = { plan: plan.id, stripe_subscription_id, anchor_at, index: 0, uncharged_use: 0 };
    return { ...grid, index: newestCoveredIndex(anchor_at, coveredUntil(account, grid), at) };
  }
  if (period.stripe_subscription_id === null) return period;
  return { plan: plan.id, stripe_subscription_id: null, anchor_at: at, index: 0, uncharged_use: 0 };
}

function isSameGrid(a: Period, b: Period): boolean {
  return a.stripe_subscription_id === b.stripe_subscription_id && a.anchor_at === b.anchor_at;
}

function switchGrid(draft: Draft, catalog: Catalog, plan: Plan, grid: Period, at: Instant): Draft {
  const closed = closeMonthlyLot(draft, plan, at);
  return openMonthlyLot(withAccount(closed, { period: grid }), catalog, plan, 0, at);
}

/** Remaining = max(0, new allowance − used). What was used beyond a smaller allowance is remembered until the period ends. */
function carryOver(draft: Draft, catalog: Catalog, plan: Plan, at: Instant): Draft {
  const { period } = draft.account;
  const monthly = monthlyLot(draft.account);
  const used = period.uncharged_use + (monthly === undefined ? 0 : monthly.amount - monthly.remaining);
  const charged = Math.min(used, plan.monthly_credits ?? 0);
  const closed = closeMonthlyLot(draft, plan, at);
  const carried = withAccount(closed, { period: { ...period, plan: plan.id, uncharged_use: used - charged } });
  return openMonthlyLot(carried, catalog, plan, charged, at);
}

function closeMonthlyLot(draft: Draft, plan: Plan, at: Instant): Draft {
  const lot = monthlyLot(draft.account);
  if (lot === undefined) return draft;
  return bookClosedLot(draft, changeFacts(draft.account, plan, 'close', at), lot);
}

/** Opens the lot of the period that the draft's account is in, unless the plan is unlimited or the period's grace is over too. */
function openMonthlyLot(draft: Draft, catalog: Catalog, plan: Plan, used: Credits, at: Instant): Draft {
  const { account } = draft;
  const facts = changeFacts(account, plan, 'open', at);
  const lapsed = at >= resetAt(account) + graceOf(account.period, catalog);
  if (plan.monthly_credits === null || lapsed) return bookFact(draft, facts);
  return bookNewLot(
    draft,
    facts,
    monthlyAllowance(plan.monthly_credits, plan.monthly_credits - used, resetAt(account)),
  );
}

/** `plan:<subscription>:<change>`: a subscription takes a plan once per snapshot. */
function changeFacts(account: Account, plan: Plan, side: 'close' | 'open', at: Instant): EntryFacts {
  const { subscription } = account;
  const change = `${plan.id}@${(subscription?.snapshot_at ?? at) / 1000}`;
  return {
    entry_id: `plan:${subscription?.stripe_subscription_id ?? 'none'}:${change}:${side}`,
    transaction_type: 'plan_change',
    description: side === 'close' ? `unused monthly credits end with the change to ${plan.name}` : plan.name,
    created_at: at,
    actor: 'stripe',
    fingerprint: null,
  };
}
