import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Entry, TransactionType } from '../domain/entry.ts';
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

/**
 * The ledger, newest first, from the index. An entry can appear some milliseconds after its commit.
 */
export async function listEntries(
  database: Database,
  account_id: string,
  { limit, before_seq, type }: { limit: number; before_seq?: number | undefined; type?: TransactionType | undefined },
): Promise<EntryPage> {
  const entries: Entry[] = [];
  let below = before_seq ?? Number.MAX_SAFE_INTEGER;
  // DynamoDB counts the limit before it filters, so go on until the page is full or the ledger
  // ends.
  for (;;) {
    const page = await queryBelow(database, account_id, below, limit + 1 - entries.length, type);
    entries.push(...page.entries);
    if (entries.length > limit || page.last_seq === null) break;
    below = page.last_seq;
  }
  const shown = entries.slice(0, limit);
  return { entries: shown, next_before_seq: entries.length > limit ? (shown.at(-1)?.seq ?? null) : null };
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
        Limit: filtered ? 200 : limit,
      }),
    ),
  );
  return { entries: Items.map(fromEntryItem), last_seq: seqOf(LastEvaluatedKey) };
}

function seqOf(key: Record<string, unknown> | undefined): number | null {
  return typeof key?.seq === 'number' ? key.seq : null;
}
