import type { Account } from '../../shared/domain/account.ts';
import { chainHash, type Entry, genesis_hash } from '../../shared/domain/entry.ts';
import { balanceOf } from '../../shared/domain/lot.ts';
import { fromAccountItem } from '../../shared/store/account-item.ts';
import { fromEntryItem } from '../../shared/store/entry-item.ts';
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
  /** Start of its first period: all others are so many calendar months later. */
  anchor_at: number | null;
}

/** Checks every commit as it takes effect: I1, I2, I6, I8 and the grid of the periods. */
export class Auditor {
  readonly #audited = new Map<string, Audited>();
  readonly #now: () => number;
  /** The first violation: what runs on after it proves nothing. */
  violation: Violation | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  of(account_id: string): Audited {
    const known = this.#audited.get(account_id);
    if (known !== undefined) return known;
    const fresh: Audited = { account: null, states: [], entries: new Map(), refunded: new Map(), anchor_at: null };
    this.#audited.set(account_id, fresh);
    return fresh;
  }

  /** The rows of one transaction, after it took effect. */
  take(changes: readonly Change[]): void {
    try {
      const [account_id, ...others] = new Set(changes.map(({ after }) => String(after.account_id)));
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
    followChain(audited.account, entries, account);
    checkLots(account);
    for (const entry of entries) {
      audited.entries.set(entry.entry_id, entry);
      if (entry.refunds !== undefined) addRefund(audited, entry, entry.refunds);
      if (entry.transaction_type === 'reset') checkPeriod(audited, entry);
    }
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

function addRefund({ entries, refunded }: Audited, { entry_id, amount }: Entry, charge_id: string): void {
  const total = amount + (refunded.get(charge_id) ?? 0);
  const charge = entries.get(charge_id);
  if (charge === undefined || total > -charge.amount) {
    throw new Violation('I1', `${entry_id} gives back ${total} of ${-(charge?.amount ?? 0)}`);
  }
  refunded.set(charge_id, total);
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
