import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { genesis_hash } from '../domain/entry.ts';
import { balanceOf } from '../domain/lot.ts';
import type { Milliseconds } from '../domain/units.ts';
import { type LedgerProblem, verification_start, verifyEntry, verifyHead } from '../domain/verify-ledger.ts';
import { fromAccountItem } from './account-item.ts';
import { type Database, tableName } from './database.ts';
import { scanEntries } from './entries.ts';
import { answered, type Pace } from './faults.ts';

export interface VerifiedLedger {
  readonly ok: boolean;
  readonly entries: number;
  readonly balance: number;
  readonly problems: readonly LedgerProblem[];
}

/** How often, and how long apart, rows that seem to be missing are looked for again: the index follows the table within a second. */
const waits_ms: readonly Milliseconds[] = [200, 800];

/**
 * Recomputes sums, sequence and hash chain of the whole ledger as of the account's state when it begins, in bounded memory.
 * An account that does not exist has an empty ledger.
 */
export async function verifyLedger(
  database: Database,
  account_id: string,
  { wait }: Pick<Pace, 'wait'>,
): Promise<VerifiedLedger> {
  for (const wait_ms of waits_ms) {
    const verified = await verifyOnce(database, account_id);
    if (!verified.problems.some(({ problem }) => problem === 'missing' || problem === 'head')) return verified;
    await wait(wait_ms);
  }
  return verifyOnce(database, account_id);
}

async function verifyOnce(database: Database, account_id: string): Promise<VerifiedLedger> {
  const head = await readHead(database, account_id);
  let verification = verification_start;
  for await (const entry of scanEntries(database, account_id)) {
    // A row behind the head was written meanwhile, or by somebody else than this system.
    if (entry.seq > head.seq && entry.seq <= (await readHead(database, account_id)).seq) break;
    verification = verifyEntry(verification, entry);
  }
  const problems = verifyHead(verification, head);
  return { ok: problems.length === 0, entries: verification.entries, balance: verification.balance, problems };
}

/** What the account says of its ledger. */
async function readHead(database: Database, account_id: string) {
  const { Item } = await answered(
    database.client.send(
      new GetCommand({ TableName: tableName(database, 'accounts'), Key: { account_id }, ConsistentRead: true }),
    ),
  );
  const account = Item === undefined ? null : fromAccountItem(Item);
  return {
    seq: account?.seq ?? 0,
    head_hash: account?.head_hash ?? genesis_hash,
    balance: balanceOf(account?.lots ?? []),
  };
}
