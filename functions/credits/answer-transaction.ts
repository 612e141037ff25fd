import { type Transaction, toTransaction } from '../../shared/api/to-transaction.ts';
import type { Entry } from '../../shared/domain/ledger/entry.ts';
import type { Outcome } from '../../shared/store/accounts.ts';

/** The answer to a command that has an entry: the transaction, and whether it was booked before. */
export function answerTransaction({ entry, replayed }: Outcome): { body: Transaction; replayed: boolean } {
  return { body: toTransaction(ownEntry(entry)), replayed };
}

/** The entry of a command that always writes one. */
export function ownEntry(entry: Entry | null): Entry {
  if (entry === null) throw new TypeError('a command that writes an entry of its own was committed without it');
  return entry;
}
