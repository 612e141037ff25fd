import {
  type LedgerProblem,
  type RowName,
  type Verification,
  verification_start,
  verifyEntry,
  verifyHead,
  verifyStray,
  verifyUnreadable,
} from '../domain/ledger/verify.ts';
import type { Database } from './database.ts';
import type { Pace } from './faults.ts';
import { lastSeq, readHead, readHeadOfRows } from './ledger-head.ts';
import { type LedgerRow, nameOf, placeOf, scanPages, scanUnlisted, walkLedger } from './ledger-rows.ts';

export interface VerifiedLedger {
  readonly ok: boolean;
  readonly entries: number;
  readonly balance: number;
  /** The first hundred problems, and what the account itself contradicts. */
  readonly problems: readonly LedgerProblem[];
  /** How many more problems there are; absent if all are listed. */
  readonly unlisted_problems?: number;
}

export interface VerifyOptions extends Pick<Pace, 'wait'> {
  /** Gets each problem when it is found. */
  readonly report?: (problem: LedgerProblem) => void;
  /**
   * Also look for rows without a `seq`, which no listing shows. Needs permission to read the table,
   * not its index only.
   */
  readonly whole_table?: boolean;
}

/**
 * Recomputes sums, sequence and hash chain of the whole ledger, in bounded memory, up to the
 * account's state at the start. Names each row that is not what was written. An account that does
 * not exist has an empty ledger.
 */
export async function verifyLedger(
  database: Database,
  account_id: string,
  { wait, report = () => undefined, whole_table = false }: VerifyOptions,
): Promise<VerifiedLedger> {
  const read = await readHeadOfRows(database, account_id);
  const through_seq = lastSeq(read);
  let verification = verification_start;
  for await (const row of walkLedger(database, account_id, through_seq, { wait })) {
    verification = verifyRow(verification, row);
    verification.found.forEach(report);
  }
  const strays = [
    rowsBehind(database, account_id, through_seq),
    ...(whole_table ? [scanUnlisted(database, account_id)] : []),
  ];
  for (const rows of strays) {
    for await (const row of rows) {
      verification = verifyStray(verification, row);
      verification.found.forEach(report);
    }
  }
  const problems = 'head' in read ? verifyHead(verification, read.head) : withUnreadableAccount(verification, read);
  problems.slice(verification.problems.length).forEach(report);
  const unlisted_problems = verification.problems_count - verification.problems.length;
  return {
    ok: problems.length === 0,
    entries: verification.entries,
    balance: verification.balance,
    problems,
    ...(unlisted_problems === 0 ? {} : { unlisted_problems }),
  };
}

function verifyRow(before: Verification, row: LedgerRow): Verification {
  return 'entry' in row ? verifyEntry(before, row.entry) : verifyUnreadable(before, row.unreadable);
}

/** Rows after the account's last entry that no later commit explains either. */
async function* rowsBehind(database: Database, account_id: string, seq: number): AsyncGenerator<RowName> {
  if (seq === Number.POSITIVE_INFINITY) return;
  for await (const page of scanPages(database, account_id, seq)) {
    if (page.length === 0) continue;
    const last_seq = lastSeq(await readHead(database, account_id));
    for (const item of page) {
      if (placeOf(item) > last_seq) yield nameOf(item);
    }
  }
}

function withUnreadableAccount({ problems }: Verification, { unreadable }: { unreadable: string }): LedgerProblem[] {
  const problem = { seq: null, entry_id: null, problem: 'unreadable', detail: `the account: ${unreadable}` } as const;
  return [...problems, problem];
}
