import * as z from 'zod';
import { type Account, monthlyLot } from '../../shared/domain/account.ts';
import { chainHash, type Entry, genesis_hash } from '../../shared/domain/entry.ts';
import { balanceOf } from '../../shared/domain/lot.ts';
import { periodStart } from '../../shared/domain/period.ts';
import { planOf } from '../../shared/domain/plan.ts';
import { fromAccountItem } from '../../shared/store/account-item.ts';
import { fromEntryItem } from '../../shared/store/entry-item.ts';
import { catalog } from './catalog.ts';
import type { Change } from './memory-tables.ts';

/** Something that must never happen has happened. */
export class Violation extends Error {
  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.name = 'Violation';
  }
}

/** What is known of an account from its commits alone. */
interface Audited {
  account: Account | null;
  /** Its states, oldest first, each from its moment on. */
  readonly states: { readonly at: number; readonly account: Account }[];
  readonly entries: Map<string, Entry>;
  readonly refunded: Map<string, number>;
  /** What its payments have become, by their ids. */
  readonly payments: Map<string, { readonly called_back_credits: number }>;
  /** What was used of the running period's allowance, or of an unlimited plan in it; at least. */
  used: number;
  /** Start of its first period: all others of the free plan are so many calendar months later, until it has a subscription. */
  anchor_at: number | null;
}

const payment_row = z.object({
  part_key: z
    .string()
    .startsWith('payment:')
    .transform((key) => key.slice('payment:'.length)),
  called_back_credits: z.int(),
});

/** Checks every commit as it takes effect: I1, I2, I6, I8 and the grid of the periods. */
export class Auditor {
  readonly #audited = new Map<string, Audited>();
  readonly #now: () => number;
  /** The first violation: what runs on after it proves nothing. */
  violation: Violation | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  get accounts(): ReadonlyMap<string, Audited> {
    return this.#audited;
  }

  of(account_id: string): Audited {
    const known = this.#audited.get(account_id);
    if (known !== undefined) return known;
    const fresh: Audited = {
      account: null,
      states: [],
      entries: new Map(),
      refunded: new Map(),
      payments: new Map(),
      used: 0,
      anchor_at: null,
    };
    this.#audited.set(account_id, fresh);
    return fresh;
  }

  /** The rows of one transaction, after it took effect. */
  take(changes: readonly Change[]): void {
    try {
      const owned = changes.filter(({ table, after }) => table !== 'stripe_events' && after.account_id !== undefined);
      const [account_id, ...others] = new Set(owned.map(({ after }) => String(after.account_id)));
      if (others.length > 0) throw new Violation('I8', `one commit touches ${account_id} and ${others.join(', ')}`);
      if (account_id !== undefined) this.#takeCommit(account_id, changes);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error: unknown): void {
    this.violation ??=
      error instanceof Violation ? error : new Violation('failure', String(Object(error).stack ?? error));
  }

  #takeCommit(account_id: string, changes: readonly Change[]): void {
    const audited = this.of(account_id);
    const rewritten = changes.find(({ table, before }) => table === 'ledger' && before !== undefined);
    if (rewritten !== undefined) throw new Violation('I6', `${String(rewritten.after.entry_id)} was written again`);
    const entries = changes
      .filter(({ table }) => table === 'ledger')
      .map(({ after }) => fromEntryItem(after))
      .toSorted((a, b) => a.seq - b.seq);
    const row = changes.find(({ table }) => table === 'accounts');
    if (row === undefined) {
      if (entries.length > 0) throw new Violation('I1', `entries of ${account_id} without a change of its account`);
      return;
    }
    const account = fromAccountItem(row.after);
    const payments = changes
      .filter(({ table }) => table === 'account_parts')
      .flatMap(({ after }) => payment_row.safeParse(after).data ?? []);
    if (payments.length > 0 && !changes.some(({ table }) => table === 'stripe_events')) {
      throw new Violation('I3', `${payments[0]?.part_key} has news without the event that brought them`);
    }
    for (const payment of payments) audited.payments.set(payment.part_key, payment);
    followChain(audited.account, entries, account);
    checkLots(account);
    for (const entry of entries) {
      if (audited.entries.has(entry.entry_id)) throw new Violation('I3', `${entry.entry_id} is booked twice`);
      audited.entries.set(entry.entry_id, entry);
      if (entry.refunds !== undefined) addRefund(audited, entry, entry.refunds);
      if (isFreeReset(entry)) checkPeriod(audited, entry);
    }
    checkSnapshot(audited.account?.subscription ?? null, account.subscription);
    checkUse(audited, account, entries);
    if (account.subscription !== null) audited.anchor_at = null;
    audited.account = account;
    audited.states.push({ at: this.#now(), account });
  }
}

function followChain(before: Account | null, entries: readonly Entry[], account: Account): void {
  const { account_id } = account;
  let { seq, hash, balance } = { seq: 0, hash: genesis_hash, balance: 0 };
  if (before !== null)
    ({ seq, hash, balance } = { seq: before.seq, hash: before.head_hash, balance: balanceOf(before.lots) });
  if (account.version !== (before?.version ?? 0) + 1) {
    throw new Violation('I1', `${account_id} goes from version ${before?.version} to ${account.version}`);
  }
  for (const { hash: own, ...entry } of entries) {
    seq += 1;
    balance += entry.amount;
    if (entry.seq !== seq) throw new Violation('I1', `${entry.entry_id} has seq ${entry.seq}, not ${seq}`);
    if (entry.balance_after !== balance) {
      throw new Violation('I1', `after ${entry.entry_id} there are ${entry.balance_after}, not ${balance}`);
    }
    if (balance < 0) throw new Violation('I2', `${balance} after ${entry.entry_id}`);
    hash = chainHash(hash, entry);
    if (own !== hash) throw new Violation('I6', `the hash of ${entry.entry_id} is not the chain's`);
  }
  if (balanceOf(account.lots) !== balance) {
    throw new Violation('I1', `${account_id} has ${balanceOf(account.lots)}, its entries make ${balance}`);
  }
  if (account.seq !== seq || account.head_hash !== hash) {
    throw new Violation('I1', `${account_id} ends at ${account.seq}, its ledger at ${seq}`);
  }
}

function checkLots({ lots, holds }: Account): void {
  for (const { id, remaining, held, amount } of lots) {
    const pinned = holds.flatMap(({ parts }) => parts).filter(({ lot_id }) => lot_id === id);
    const sum = pinned.reduce((total, part) => total + part.amount, 0);
    if (held !== sum) throw new Violation('I1', `${id} says ${held} held, its holds pin ${sum}`);
    if (held < 0 || held > remaining || remaining > amount) {
      throw new Violation('I2', `${id} has ${remaining} of ${amount}, ${held} held`);
    }
  }
  const monthly = lots.filter(({ kind, is_closed }) => kind === 'monthly' && !is_closed);
  if (monthly.length > 1) throw new Violation('I1', `${monthly.length} monthly lots are open`);
}

/** What an account knows of a subscription never gets older. */
function checkSnapshot(before: Account['subscription'], after: Account['subscription']): void {
  if (before === null || after === null || before.stripe_subscription_id !== after.stripe_subscription_id) return;
  if (after.snapshot_at < before.snapshot_at) {
    throw new Violation('I7', `${after.stripe_subscription_id} goes back from ${before.status} to ${after.status}`);
  }
}

/** Another plan inside a running period brings its allowance less what was used of the one before. */
function checkUse(audited: Audited, account: Account, entries: readonly Entry[]): void {
  const before = audited.account?.period;
  const { period } = account;
  const is_same = before !== undefined && startOf(before) === startOf(period);
  const last_opening = entries.findLastIndex(({ transaction_type }) => opening_types.includes(transaction_type));
  const counted = is_same ? entries : entries.slice(last_opening + 1);
  audited.used = counted.reduce((used, entry) => used + monthlyUse(entry), is_same ? audited.used : 0);
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

function monthlyUse({ transaction_type, lots, covered_credits = 0 }: Entry): number {
  const monthly = lots.filter(({ kind }) => kind === 'monthly').reduce((sum, { amount }) => sum - amount, 0);
  if (transaction_type === 'usage') return monthly + covered_credits;
  return transaction_type === 'refund' ? monthly - covered_credits : 0;
}

/** How many credits, or how much of an unlimited plan's use, an entry is about. */
export function usedBy({ amount, covered_credits = 0 }: Entry): number {
  return Math.abs(amount) + covered_credits;
}

function addRefund({ entries, refunded }: Audited, entry: Entry, charge_id: string): void {
  const total = usedBy(entry) + (refunded.get(charge_id) ?? 0);
  const charge = entries.get(charge_id);
  if (charge === undefined || total > usedBy(charge)) {
    throw new Violation('I1', `${entry.entry_id} gives back ${total} of ${charge === undefined ? 0 : usedBy(charge)}`);
  }
  refunded.set(charge_id, total);
}

/** A subscription's resets have its id in theirs. */
function isFreeReset({ transaction_type, entry_id }: Entry): boolean {
  return transaction_type === 'reset' && /^reset:\d/.test(entry_id);
}

/** A free account's periods begin a whole number of calendar months after its first, and bring its allowance. */
function checkPeriod(audited: Audited, { entry_id, amount, created_at }: Entry): void {
  audited.anchor_at ??= created_at;
  if (!isOnGrid(audited.anchor_at, created_at)) throw new Violation('I7', `${entry_id} is not on the account's grid`);
  if (amount !== 100) throw new Violation('I7', `${entry_id} brings ${amount}`);
}

function isOnGrid(anchor_at: number, at: number): boolean {
  const [anchor, moment] = [new Date(anchor_at), new Date(at)];
  const last_day = new Date(Date.UTC(moment.getUTCFullYear(), moment.getUTCMonth() + 1, 0)).getUTCDate();
  const day_ms = 86_400_000;
  return (
    moment.getUTCDate() === Math.min(anchor.getUTCDate(), last_day) && moment.getTime() % day_ms === anchor_at % day_ms
  );
}
