import type { Credits } from '../units.ts';
import { chainHash, type Entry, genesis_hash } from './entry.ts';

/** One fault of a ledger, and its row. `seq` and `entry_id` are null if no row can be named. */
export interface LedgerProblem {
  readonly seq: number | null;
  readonly entry_id: string | null;
  readonly problem: 'missing' | 'inserted' | 'unreadable' | 'sum' | 'balance' | 'hash' | 'head';
  readonly detail: string;
}

/** The name by which a problem calls a row. */
export type RowName = Pick<LedgerProblem, 'seq' | 'entry_id'>;

/**
 * A row that is no entry, because it holds what no entry can hold; and what can still be told of
 * it.
 */
export interface UnreadableRow {
  /** Null if no row can have it. */
  readonly seq: number | null;
  readonly entry_id: string | null;
  readonly balance_after: Credits | null;
  readonly hash: string | null;
  readonly reason: string;
}

/** What an account says about its ledger. */
export interface LedgerHead {
  readonly seq: number;
  readonly head_hash: string;
  readonly balance: Credits;
}

/** What a row passes on to the row after it. */
interface Link {
  readonly seq: number;
  readonly entry_id: string | null;
  /**
   * The row's stated hash and its right hash, which differ in a wrong row. Null means not known.
   */
  readonly hashes: readonly string[] | null;
  /** The same for the balance after the row. */
  readonly balances: readonly Credits[] | null;
  /** Whether the row is what was written after the row before it. */
  readonly fits: boolean;
}

/** How many possible continuations are kept after wrong rows. */
const alternatives_max = 3;

/** The most problems that are listed. All are counted. */
const listed_max = 100;

/** The state of a verification. Of the rows it keeps only what the next rows are compared with. */
export interface Verification {
  readonly entries: number;
  /** The balance that the last row states. */
  readonly balance: Credits;
  readonly last: Link;
  /**
   * What the last row had to follow. It tells which of two rows with one `seq` is the right one.
   */
  readonly before_last: Link;
  /** The faults of the row that was verified last. */
  readonly found: readonly LedgerProblem[];
  /** The first hundred problems. */
  readonly problems: readonly LedgerProblem[];
  readonly problems_count: number;
}

const beginning: Link = { seq: 0, entry_id: null, hashes: [genesis_hash], balances: [0], fits: true };

export const verification_start: Verification = {
  entries: 0,
  balance: 0,
  last: beginning,
  before_last: beginning,
  found: [],
  problems: [],
  problems_count: 0,
};

/** Verifies the next row, in the order of `seq`: its place, its sums, its hash. */
export function verifyEntry(before: Verification, entry: Entry): Verification {
  if (entry.seq < 1 || entry.seq < before.last.seq) {
    return withRow(before, [problemOf(entry, 'inserted', `there is no place for a row with seq ${entry.seq}`)]);
  }
  if (entry.seq === before.last.seq) return verifySecond(before, entry);
  const follows = predecessorOf(entry.seq, before);
  const { link, found } = verifyAfter(follows, entry);
  return withRow(before, [...missingBefore(before, entry), ...found], follows, link);
}

/** Notes the next row, which cannot be verified. The rows after it can. */
export function verifyUnreadable(before: Verification, row: UnreadableRow): Verification {
  const { seq, entry_id, balance_after, hash, reason } = row;
  const unreadable = problemOf(row, 'unreadable', reason);
  if (seq === null || seq <= before.last.seq) return withRow(before, [unreadable]);
  // The next rows go on from what this row states. If that is not known, the next row's hash cannot
  // be right either.
  const hashes = hash === null ? [] : [hash];
  const balances = balance_after === null ? null : [balance_after];
  const link: Link = { seq, entry_id, hashes, balances, fits: false };
  return withRow(before, [...missingBefore(before, { seq, entry_id }), unreadable], predecessorOf(seq, before), link);
}

/**
 * Notes a row without a place in the ledger: after the account's last entry, or without a `seq`.
 */
export function verifyStray(before: Verification, row: RowName): Verification {
  const place = row.seq === null ? 'it has no seq' : `the account has no row ${row.seq}`;
  return withRow(before, [problemOf(row, 'inserted', place)]);
}

/**
 * The listed problems, and after them those of the ledger's end, which is compared with the
 * account. Null means that there is no account.
 */
export function verifyHead(verification: Verification, head: LedgerHead | null): LedgerProblem[] {
  const { last, balance, entries, problems } = verification;
  const found: LedgerProblem[] = [];
  const report = (detail: string) => found.push({ seq: null, entry_id: null, problem: 'head', detail });
  if (head === null) {
    if (entries > 0) report(`there is no account, and there are ${entries} rows of it`);
  } else {
    if (last.seq !== head.seq) report(`the last row is ${last.seq}, the account says ${head.seq}`);
    else if (last.hashes?.includes(head.head_hash) === false) report("the last row's hash is not the account's");
    if (last.balances?.includes(head.balance) === false) {
      report(`the rows sum up to ${balance}, the account's lots hold ${head.balance}`);
    }
  }
  return [...problems, ...found];
}

function problemOf({ seq, entry_id }: RowName, problem: LedgerProblem['problem'], detail: string): LedgerProblem {
  return { seq, entry_id, problem, detail };
}

function withRow(before: Verification, found: readonly LedgerProblem[], before_last?: Link, last?: Link): Verification {
  return {
    entries: before.entries + 1,
    balance: last?.balances?.[0] ?? before.balance,
    last: last ?? before.last,
    before_last: before_last ?? before.before_last,
    found,
    problems: found.length === 0 ? before.problems : [...before.problems, ...found].slice(0, listed_max),
    problems_count: before.problems_count + found.length,
  };
}

function missingBefore({ last }: Verification, row: { seq: number; entry_id: string | null }): LedgerProblem[] {
  if (row.seq === last.seq + 1) return [];
  return [problemOf(row, 'missing', `rows ${last.seq + 1} to ${row.seq - 1} are missing before it`)];
}

/** What a row must follow. After a gap nothing is known about it. */
function predecessorOf(seq: number, { last }: Verification): Link {
  if (seq === last.seq + 1) return last;
  return { seq: seq - 1, entry_id: null, hashes: null, balances: null, fits: false };
}

/**
 * Two rows have one `seq`. The one that follows the row before them is the ledger's; the other was
 * inserted.
 */
function verifySecond(before: Verification, entry: Entry): Verification {
  const { last, before_last } = before;
  const { link, found } = verifyAfter(before_last, entry);
  const is_right = link.fits && !last.fits;
  const [right, wrong] = is_right ? [entry, last] : [last, entry];
  const inserted = problemOf(wrong, 'inserted', `a second row with seq ${entry.seq}, beside ${right.entry_id}`);
  if (is_right) return withRow(before, [inserted, ...found], before_last, link);
  // If both could be the ledger's, or neither, the rows after them may follow either.
  return withRow(before, [inserted], before_last, link.fits === last.fits ? eitherLink(last, link) : last);
}

function eitherLink(one: Link, other: Link): Link {
  const hashes = [...new Set([...(one.hashes ?? []), ...(other.hashes ?? [])])].slice(0, alternatives_max);
  const balances = [...new Set([...(one.balances ?? []), ...(other.balances ?? [])])].slice(0, alternatives_max);
  return { ...one, hashes, balances };
}

function verifyAfter(follows: Link, entry: Entry): { link: Link; found: LedgerProblem[] } {
  const { hash, balance_after, ...content } = entry;
  const moved = entry.lots.reduce((sum, movement) => sum + movement.amount, 0);
  // A wrong row before it may be wrong in what it states, or in what it was made of. To follow one
  // of the two is enough.
  const sums = follows.balances?.map((balance) => balance + entry.amount) ?? [balance_after];
  const hashes = follows.hashes?.map((previous) => chainHash(previous, { ...content, balance_after })) ?? [hash];
  const found: LedgerProblem[] = [];
  const report = (problem: LedgerProblem['problem'], detail: string) => found.push(problemOf(entry, problem, detail));

  if (moved !== entry.amount) report('sum', `its lots moved ${moved}, its amount is ${entry.amount}`);
  if (!sums.includes(balance_after)) report('balance', `the sum so far is ${sums[0]}, it says ${balance_after}`);
  if (!hashes.includes(hash)) report('hash', 'its content or its predecessor is not what was written');

  const link: Link = {
    seq: entry.seq,
    entry_id: entry.entry_id,
    hashes: found.length === 0 ? [hash] : eitherOf(hash, hashes),
    balances: found.length === 0 ? [balance_after] : eitherOf(balance_after, sums),
    fits: follows.hashes !== null && hashes.includes(hash),
  };
  return { link, found };
}

/**
 * The chain goes on from what a bad row states, or from what it should state, so that the rows
 * after it are not blamed. Of what it should state, the first and the last are enough: they follow
 * what the rows before it state, and what all of them should.
 */
function eitherOf<T>(said: T, expected: readonly T[]): readonly T[] {
  return [...new Set([said, ...expected.slice(0, 1), ...expected.slice(-1)])];
}
