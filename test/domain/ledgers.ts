import { chainHash, type Entry } from '../../shared/domain/ledger/entry.ts';
import { balanceOf } from '../../shared/domain/ledger/lot.ts';
import {
  type LedgerHead,
  type LedgerProblem,
  type UnreadableRow,
  verification_start,
  verifyEntry,
  verifyHead,
} from '../../shared/domain/ledger/verify.ts';
import type { Journey } from './fixtures.ts';

export function headOf({ account }: Journey): LedgerHead {
  return { ...account, balance: balanceOf(account.lots) };
}

/** What verification finds in these rows of the journey's account. */
export function problemsOf(journey: Journey, entries: readonly Entry[]): LedgerProblem[] {
  return verifyHead(entries.reduce(verifyEntry, verification_start), headOf(journey));
}

/** Which problems there are, and in which rows. */
export function named(problems: readonly LedgerProblem[]) {
  return problems.map(({ seq, problem }) => [seq, problem]);
}

/** The entry with the hash that it has to have behind `previous`. */
export function hashed(entry: Entry, previous = ''): Entry {
  const { hash: _hash, ...unsealed } = entry;
  return { ...entry, hash: chainHash(previous, unsealed) };
}

/** The row's entry, which is in every ledger that the tests make. */
export function rowOf(entries: readonly Entry[], row: number): Entry {
  const entry = entries[row];
  if (entry === undefined) throw new Error(`no row ${row}`);
  return entry;
}

/** The row as if something in it could not be read. */
export function unreadable(entry: Entry, changes: Partial<UnreadableRow> = {}): UnreadableRow {
  const { seq, entry_id, balance_after, hash } = entry;
  return { seq, entry_id, balance_after, hash, reason: 'amount: not a number', ...changes };
}
