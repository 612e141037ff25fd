import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Entry, TransactionType } from '../domain/ledger/entry.ts';
import { type Database, tableName } from './database.ts';
import { fromEntryItem } from './entry-item.ts';
import { answered } from './faults.ts';

/** One entry, read consistently; null if the account has none with this id. */
export async function getEntry(database: Database, account_id: string, entry_id: string): Promise<Entry | null> {
  const { Item } = await answered(
    database.client.send(
      new GetCommand({ TableName: tableName(database, 'ledger'), Key: { account_id, entry_id }, ConsistentRead: true }),
    ),
  );
  return Item === undefined ? null : fromEntryItem(Item);
}

export interface EntryPage {
  readonly entries: readonly Entry[];
  /** The next page begins below this `seq`; null if there is none. */
  readonly next_before_seq: number | null;
}

/** With a filter, so many entries are read at a time, */
const filtered_page = 200;
/** and so often at most for one page. */
const pages_max = 5;

/**
 * The ledger, newest first, from the index. An entry can appear some milliseconds after its commit.
 * A listing by type reads at most a thousand entries: its page may hold fewer than `limit` of them,
 * even none, and the next one goes on from there.
 */
export async function listEntries(
  database: Database,
  account_id: string,
  { limit, before_seq, type }: { limit: number; before_seq?: number | undefined; type?: TransactionType | undefined },
): Promise<EntryPage> {
  const entries: Entry[] = [];
  let below = before_seq ?? Number.MAX_SAFE_INTEGER;
  // DynamoDB counts the limit before it filters, so one query may not fill the page.
  for (let pages = 0; pages < pages_max; pages += 1) {
    const page = await queryBelow(database, account_id, below, limit + 1 - entries.length, type);
    entries.push(...page.entries);
    if (entries.length > limit) break;
    if (page.last_seq === null) return { entries, next_before_seq: null };
    below = page.last_seq;
  }
  const shown = entries.slice(0, limit);
  return { entries: shown, next_before_seq: entries.length > limit ? (shown.at(-1)?.seq ?? null) : below };
}

async function queryBelow(
  database: Database,
  account_id: string,
  below: number,
  limit: number,
  type: TransactionType | undefined,
): Promise<{ entries: Entry[]; last_seq: number | null }> {
  const filtered = type !== undefined;
  const { Items = [], LastEvaluatedKey } = await answered(
    database.client.send(
      new QueryCommand({
        TableName: tableName(database, 'ledger'),
        IndexName: 'by_seq',
        KeyConditionExpression: 'account_id = :account_id AND seq < :below',
        ...(filtered ? { FilterExpression: 'transaction_type = :type' } : {}),
        ExpressionAttributeValues: {
          ':account_id': account_id,
          ':below': below,
          ...(filtered ? { ':type': type } : {}),
        },
        ScanIndexForward: false,
        // One more than asked for shows whether there is a next page. With a filter, whole pages
        // are read.
        Limit: filtered ? filtered_page : limit,
      }),
    ),
  );
  return { entries: Items.map(fromEntryItem), last_seq: seqOf(LastEvaluatedKey) };
}

function seqOf(key: Record<string, unknown> | undefined): number | null {
  return typeof key?.seq === 'number' ? key.seq : null;
}
