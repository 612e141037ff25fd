import { chainHash, type Entry, genesis_hash } from './entry.ts';
import type { Credits } from './units.ts';

/** One thing that is wrong with a ledger, and in which row. */
export interface LedgerProblem {
  readonly seq: number | null;
  readonly entry_id: string | null;
  readonly problem: 'missing' | 'inserted' | 'sum' | 'balance' | 'hash' | 'head';
  readonly detail: string;
}

/** A ledger with more problems than this is not worth listing to the end. */
const problems_max = 100;

/** How far a verification has come: of the rows seen it holds their number, sum and last hash, and the first hundred problems. */
export interface Verification {
  readonly seq: number;
  readonly entries: number;
  readonly balance: Credits;
  readonly hash: string;
  readonly problems: readonly LedgerProblem[];
}

export const verification_start: Verification = { seq: 0, entries: 0, balance: 0, hash: genesis_hash, problems: [] };

/** Checks the next row, in the order of seq: its place, its sums, its hash. */
export function verifyEntry(before: Verification, entry: Entry): Verification {
  const { hash, ...unsealed } = entry;
  const balance = before.balance + entry.amount;
  const moved = entry.lots.reduce((sum, movement) => sum + movement.amount, 0);
  const found: LedgerProblem[] = [];
  const report = (problem: LedgerProblem['problem'], detail: string) =>
    found.push({ seq: entry.seq, entry_id: entry.entry_id, problem, detail });

  if (entry.seq > before.seq + 1) report('missing', `rows ${before.seq + 1} to ${entry.seq - 1} are missing before it`);
  if (entry.seq <= before.seq) report('inserted', `a second row with seq ${entry.seq}`);
  if (moved !== entry.amount) report('sum', `its lots moved ${moved}, its amount is ${entry.amount}`);
  if (balance !== entry.balance_after)
    report('balance', `the sum so far is ${balance}, it says ${entry.balance_after}`);
  if (chainHash(before.hash, unsealed) !== hash)
    report('hash', 'its content or its predecessor is not what was written');

  // The chain goes on from what the row says, so that one bad row is not reported for every row after it.
  return {
    seq: entry.seq,
    entries: before.entries + 1,
    balance: entry.balance_after,
    hash,
    problems: found.length === 0 ? before.problems : [...before.problems, ...found].slice(0, problems_max),
  };
}

/** Compares the end of the chain with what the account says of it. */
export function verifyHead(
  verification: Verification,
  head: { seq: number; head_hash: string; balance: Credits },
): LedgerProblem[] {
  const found: LedgerProblem[] = [];
  const report = (detail: string) => found.push({ seq: null, entry_id: null, problem: 'head', detail });
  if (verification.seq !== head.seq) report(`the last row is ${verification.seq}, the account says ${head.seq}`);
  else if (verification.hash !== head.head_hash) report("the last row's hash is not the account's");
  if (verification.balance !== head.balance) {
    report(`the rows sum up to ${verification.balance}, the account's lots hold ${head.balance}`);
  }
  return [...verification.problems, ...found];
}
