import { type Account, monthlyLot } from '../../../shared/domain/account/account.ts';
import type { Entry } from '../../../shared/domain/ledger/entry.ts';
import { periodStart } from '../../../shared/domain/period.ts';
import { type Catalog, planOf } from '../../../shared/domain/plan.ts';
import { type Audited, Violation } from './audited.ts';

/** I7: what an account knows of a subscription never gets older. */
export function checkSnapshot(before: Account['subscription'], after: Account['subscription']): void {
  if (before === null || after === null || before.stripe_subscription_id !== after.stripe_subscription_id) return;
  if (after.snapshot_at < before.snapshot_at) {
    throw new Violation('I7', `${after.stripe_subscription_id} goes back from ${before.status} to ${after.status}`);
  }
}

/**
 * I7: another plan inside a running period brings its allowance less what was used of the one
 * before.
 */
export function checkUse(audited: Audited, account: Account, entries: readonly Entry[], catalog: Catalog): void {
  const before = audited.account?.period;
  const { period } = account;
  const is_same = before !== undefined && startOf(before) === startOf(period);
  const last_opening = entries.findLastIndex(({ transaction_type }) => opening_types.includes(transaction_type));
  const counted = is_same ? entries : entries.slice(Math.max(0, last_opening));
  if (!is_same) {
    audited.used = 0;
    audited.allowances.clear();
  }
  for (const entry of counted) {
    if (opening_types.includes(entry.transaction_type)) {
      for (const { id, kind, amount } of entry.lots) if (kind === 'monthly' && amount > 0) audited.allowances.add(id);
    } else audited.used += monthlyUse(entry, audited.allowances);
  }
  const { monthly_credits } = planOf(catalog, period.plan);
  if (!is_same || before.plan === period.plan || monthly_credits === null) return;
  const { remaining = 0 } = monthlyLot(account) ?? {};
  if (remaining > Math.max(0, monthly_credits - audited.used)) {
    throw new Violation('I7', `${period.plan} brings ${remaining}, ${audited.used} of ${monthly_credits} were used`);
  }
}

const opening_types: readonly string[] = ['reset', 'plan_change'];

function startOf({ stripe_subscription_id, anchor_at, index }: Account['period']): string {
  return `${stripe_subscription_id} ${periodStart(anchor_at, index)}`;
}

/** A hold of an earlier period is settled from the lot of that one. */
function monthlyUse({ transaction_type, lots, covered_credits = 0 }: Entry, allowances: ReadonlySet<string>): number {
  const monthly = lots.filter(({ id }) => allowances.has(id)).reduce((sum, { amount }) => sum - amount, 0);
  if (transaction_type === 'usage') return monthly + covered_credits;
  return transaction_type === 'refund' ? monthly - covered_credits : 0;
}

/** I7: what one entry says of plan, period and rollover. */
export function checkPeriodEntry(audited: Audited, account: Account, entry: Entry, catalog: Catalog): void {
  const { entry_id, transaction_type, amount, created_at, lots } = entry;
  const opened = /^plan:[^:]+:(?<plan>.+)@\d+\.\d+:open$/.exec(entry_id)?.groups?.plan;
  if (transaction_type === 'plan_change' && opened !== undefined) {
    audited.plan = opened;
    audited.anchor_at = created_at;
  }
  if (transaction_type === 'reset') {
    const { monthly_credits } = planOf(catalog, audited.plan);
    if (amount !== (monthly_credits ?? 0)) {
      throw new Violation('I7', `${entry_id} brings ${amount}, the allowance of ${audited.plan} is ${monthly_credits}`);
    }
    checkGrid(audited, account, entry_id, created_at);
  }
  checkRollover(audited, entry, catalog);
  audited.rolled_over += movedIn(lots, 'rollover');
}

/**
 * The plan's share of what an allowance leaves is handed on, as far as its cap goes, and by nothing
 * but the allowance's end.
 */
function checkRollover(audited: Audited, { entry_id, transaction_type, lots }: Entry, catalog: Catalog): void {
  const [first] = lots;
  const handed_on = lots.filter(({ kind, amount }) => kind === 'rollover' && amount > 0);
  if (transaction_type !== 'expire' || first?.kind !== 'monthly' || !/^expire:lot_\d+$/.test(entry_id)) {
    const is_return = transaction_type === 'refund';
    if (handed_on.length > 0 && !is_return) throw new Violation('I7', `${entry_id} hands credits on`);
    return;
  }
  const { rollover } = planOf(catalog, audited.plan);
  const share = rollover === null ? 0 : Math.floor((-first.amount * rollover.share_percent) / 100);
  const room = Math.max(0, (rollover?.cap ?? Number.POSITIVE_INFINITY) - audited.rolled_over);
  const [expected, actual] = [Math.min(share, room), movedIn(handed_on, 'rollover')];
  // Where a renewal stays unpaid nothing is handed on; on the free plan none does.
  const may_be_none = audited.plan !== catalog.free_plan;
  if (actual !== expected && !(actual === 0 && may_be_none)) {
    throw new Violation('I7', `${entry_id} hands on ${actual} of ${-first.amount}, not ${expected}`);
  }
}

function movedIn(lots: Entry['lots'], moved: string): number {
  return lots.reduce((sum, { kind, amount }) => sum + (kind === moved ? amount : 0), 0);
}

/**
 * Periods begin a whole number of calendar months from the anchor: a free account's first, or that
 * of a subscription, whose id is in the key.
 */
function checkGrid(audited: Audited, account: Account, entry_id: string, created_at: number): void {
  const start = /^reset:sub_\w+:(?<start>.+)$/.exec(entry_id)?.groups?.start;
  if (start === undefined) audited.anchor_at ??= created_at;
  const anchors =
    start === undefined ? [audited.anchor_at] : [audited.account, account].map((one) => one?.period.anchor_at);
  const begins_at = start === undefined ? created_at : Date.parse(start);
  if (!anchors.some((anchor_at) => typeof anchor_at === 'number' && isOnGrid(anchor_at, begins_at))) {
    throw new Violation('I7', `${entry_id} is not on the account's grid`);
  }
}

function isOnGrid(anchor_at: number, at: number): boolean {
  const [anchor, moment] = [new Date(anchor_at), new Date(at)];
  const last_day = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 1, 0)).getUTCDate();
  const day_ms = 86_400_000;
  return (
    moment.getUTCDate() === Math.min(anchor.getUTCDate(), last_day) && moment.getTime() % day_ms === anchor_at % day_ms
  );
}
