import { type Account, graceOf, monthlyLot, type Period, resetAt } from '../account/account.ts';
import {
  bookClosedLot,
  bookFact,
  bookNewLot,
  type Draft,
  draftOf,
  type NewLot,
  notBefore,
  systemFacts,
  withAccount,
  withClosed,
} from '../account/draft.ts';
import { freeHold } from '../account/free-hold.ts';
import { availableOf, default_priority, type Lot } from '../ledger/lot.ts';
import { periodEnd, periodStart } from '../period.ts';
import { type Catalog, planOf } from '../plan.ts';
import { type Instant, toIso, utcDay } from '../units.ts';
import { nextCoveredIndex } from './coverage.ts';
import { rolledOver } from './rollover.ts';

/** Something that happens by time alone. */
interface Step {
  readonly at: Instant;
  readonly apply: (draft: Draft) => Draft;
}

/**
 * Brings the account to `now`, in the order of time: expired holds free what they pinned, expired
 * lots leave, and after a period's end the newest paid period opens. So a balance is right, however
 * late a schedule is. Rolling twice equals rolling once. Periods that nobody saw are not granted;
 * the reset says how many.
 */
export function rollForward(
  account: Account,
  catalog: Catalog,
  now: Instant,
  entries_max = Number.POSITIVE_INFINITY,
): Draft {
  return rollOn(draftOf(account), catalog, notBefore(account, now), entries_max);
}

/**
 * Takes a draft on to `at`. With `entries_max` it stops at the step with which the draft has that
 * many entries.
 */
export function rollOn(draft: Draft, catalog: Catalog, at: Instant, entries_max = Number.POSITIVE_INFINITY): Draft {
  const { account } = draft;
  let rolled = account.seq === 0 ? openPeriod(draft, catalog, account.period.index) : draft;
  while (rolled.entries.length < entries_max) {
    const step = nextStep(rolled.account, catalog, at);
    if (step === undefined || step.at > at) return rolled;
    rolled = step.apply(rolled);
  }
  return rolled;
}

/**
 * The next moment at which time changes a rolled account; null means never. The sweep's index holds
 * it.
 */
export function dueAt(account: Account, catalog: Catalog): Instant | null {
  return nextStep(account, catalog, account.updated_at)?.at ?? null;
}

/**
 * At equal moments: holds expire, then lots, then the old period's lot closes, then the new period
 * opens.
 */
function nextStep(account: Account, catalog: Catalog, now: Instant): Step | undefined {
  const next = nextCoveredIndex(account, catalog, now);
  const candidates = [
    ...holdExpiries(account),
    ...lotExpiries(account),
    ...monthlyClose(account, catalog, next),
    ...periodOpening(account, catalog, next),
  ];
  return candidates.reduce<Step | undefined>(
    (earliest, step) => (earliest === undefined || step.at < earliest.at ? step : earliest),
    undefined,
  );
}

function holdExpiries({ holds }: Account): Step[] {
  return holds.map((hold) => ({
    at: hold.expires_at,
    apply: (draft) =>
      freeHold(
        draft,
        hold,
        systemFacts(draft, `release:${hold.id}`, 'release', hold.expires_at, `expired: ${hold.description}`),
      ),
  }));
}

function lotExpiries({ lots }: Account): Step[] {
  return lots.flatMap((lot) =>
    lot.kind === 'monthly' || lot.is_closed || lot.expires_at === null
      ? []
      : [expiryOf(lot, lot.expires_at, 'expired')],
  );
}

/**
 * The old monthly lot closes with its period if the next period is paid for (then some of it may
 * roll over), else when the renewal's grace ends.
 */
function monthlyClose(account: Account, catalog: Catalog, next: number | null): Step[] {
  const lot = monthlyLot(account);
  if (lot === undefined) return [];
  const unused = 'unused monthly credits expired';
  if (next === null) return [expiryOf(lot, resetAt(account) + graceOf(account.period, catalog), unused)];
  const successor = rolledOver(account, lot, catalog);
  const why = successor === null ? unused : `${unused}, ${successor.remaining} rolled over`;
  return [expiryOf(lot, resetAt(account), why, successor)];
}

function expiryOf(lot: Lot, at: Instant, why: string, successor: NewLot | null = null): Step {
  return {
    at,
    apply: (draft) =>
      availableOf(lot) === 0
        ? withAccount(draft, { lots: withClosed(draft.account.lots, lot) })
        : bookClosedLot(draft, systemFacts(draft, `expire:${lot.id}`, 'expire', at, why), lot, successor),
  };
}

function periodOpening({ period }: Account, catalog: Catalog, next: number | null): Step[] {
  if (next === null) return [];
  return [{ at: periodStart(period.anchor_at, next), apply: (draft) => openPeriod(draft, catalog, next) }];
}

/** Opens the period with this index on the account's grid, with its plan's full allowance. */
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
  const moved = withAccount(draft, { period: { ...period, index, uncharged_use: 0, opened_seq: seq } });
  if (plan.monthly_credits === null) return bookFact(moved, facts);
  return bookNewLot(moved, facts, monthlyAllowance(plan.monthly_credits, plan.monthly_credits, end));
}

/**
 * The key of a period's reset. A start names a period on its grid only, because two grids can share
 * one.
 */
function resetKey({ stripe_subscription_id }: Period, start: Instant): string {
  return stripe_subscription_id === null ? `reset:${toIso(start)}` : `reset:${stripe_subscription_id}:${toIso(start)}`;
}

/** A monthly lot before it has its id. */
export function monthlyAllowance(amount: number, remaining: number, expires_at: Instant) {
  return { kind: 'monthly', amount, remaining, priority: default_priority, expires_at } as const;
}
