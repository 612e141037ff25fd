import { type Account, graceOf, monthlyLot, type Period, resetAt } from './account.ts';
import { nextCoveredIndex } from './coverage.ts';
import { bookClosedLot, bookFact, bookNewLot, type Draft, draftOf, notBefore, withAccount } from './draft.ts';
import type { EntryFacts } from './entry.ts';
import { default_priority, type Lot } from './lot.ts';
import { periodEnd, periodStart } from './period.ts';
import { type Catalog, planOf } from './plan.ts';
import { type Instant, toIso, utcDay } from './units.ts';

/** Something that time alone brings about. */
interface Step {
  readonly at: Instant;
  readonly apply: (draft: Draft) => Draft;
}

/**
 * Brings the account to `now`: expired lots leave, and where a period has ended the newest one that is paid for is opened, in time
 * order. Every decision begins with it, so no balance is wrong because a schedule was late. Rolling twice equals rolling once;
 * periods that nobody saw are not granted, the reset says how many.
 */
export function rollForward(account: Account, catalog: Catalog, now: Instant): Draft {
  const until = notBefore(account, now);
  const unopened = account.seq === 0;
  let draft = unopened ? openPeriod(draftOf(account), catalog, account.period.index) : draftOf(account);
  for (;;) {
    const step = nextStep(draft.account, catalog, until);
    if (step === undefined || step.at > until) return draft;
    draft = step.apply(draft);
  }
}

/** The earliest moment at which time changes an account that was rolled forward; null is never. The sweep's index is made of it. */
export function dueAt(account: Account, catalog: Catalog): Instant | null {
  return nextStep(account, catalog, account.updated_at)?.at ?? null;
}

/** At equal moments: lots expire, then the old period's lot closes, then the new period opens. */
function nextStep(account: Account, catalog: Catalog, now: Instant): Step | undefined {
  const next = nextCoveredIndex(account, now);
  const candidates = [
    ...lotExpiries(account),
    ...monthlyClose(account, catalog, next),
    ...periodOpening(account, catalog, next),
  ];
  return candidates.reduce<Step | undefined>(
    (earliest, step) => (earliest === undefined || step.at < earliest.at ? step : earliest),
    undefined,
  );
}

function lotExpiries(account: Account): Step[] {
  return account.lots.flatMap((lot) =>
    lot.kind === 'monthly' || lot.expires_at === null ? [] : [expiryOf(lot, lot.expires_at, 'expired')],
  );
}

/** With the period if the next one is paid for, else when the renewal's grace is over. */
function monthlyClose(account: Account, catalog: Catalog, next: number | null): Step[] {
  const lot = monthlyLot(account);
  if (lot === undefined) return [];
  const at = next === null ? resetAt(account) + graceOf(account.period, catalog) : resetAt(account);
  return [expiryOf(lot, at, 'unused monthly credits expired')];
}

function expiryOf(lot: Lot, at: Instant, why: string): Step {
  return {
    at,
    apply: (draft) =>
      lot.remaining === 0
        ? withAccount(draft, { lots: draft.account.lots.filter((other) => other.id !== lot.id) })
        : bookClosedLot(draft, systemFacts(draft, `expire:${lot.id}`, 'expire', at, why), lot),
  };
}

function periodOpening({ period }: Account, catalog: Catalog, next: number | null): Step[] {
  if (next === null) return [];
  return [{ at: periodStart(period.anchor_at, next), apply: (draft) => openPeriod(draft, catalog, next) }];
}

/** Opens the period of this index on the account's grid, with the full allowance of its plan. */
function openPeriod(draft: Draft, catalog: Catalog, index: number): Draft {
  const { period, seq } = draft.account;
  const start = periodStart(period.anchor_at, index);
  const end = periodEnd(period.anchor_at, index);
  const plan = planOf(catalog, period.plan);
  const skipped = seq === 0 ? 0 : index - period.index - 1;
  const facts = {
    ...systemFacts(draft, resetKey(period, start), 'reset', start, `${plan.name}: ${utcDay(start)} to ${utcDay(end)}`),
    ...(skipped > 0 ? { skipped_periods: skipped } : {}),
  };
  const moved = withAccount(draft, { period: { ...period, index, uncharged_use: 0 } });
  if (plan.monthly_credits === null) return bookFact(moved, facts);
  return bookNewLot(moved, facts, monthlyAllowance(plan.monthly_credits, plan.monthly_credits, end));
}

/** A period's start names it on its grid; two grids can have one in common. */
function resetKey({ stripe_subscription_id }: Period, start: Instant): string {
  return stripe_subscription_id === null ? `reset:${toIso(start)}` : `reset:${stripe_subscription_id}:${toIso(start)}`;
}

/** A monthly lot before it has its id. */
export function monthlyAllowance(amount: number, remaining: number, expires_at: Instant) {
  return { kind: 'monthly', amount, remaining, priority: default_priority, expires_at } as const;
}

/** Facts of an entry that time brought about: in effect at `at`, though never before what the account has seen. */
function systemFacts(
  draft: Draft,
  entry_id: string,
  transaction_type: 'expire' | 'reset',
  at: Instant,
  description: string,
): EntryFacts {
  return {
    entry_id,
    transaction_type,
    description,
    created_at: notBefore(draft.account, at),
    actor: 'system',
    fingerprint: null,
  };
}
