import { isDeepStrictEqual } from 'node:util';
import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Entry } from '../domain/ledger/entry.ts';
import type { RowName, UnreadableRow } from '../domain/ledger/verify.ts';
import type { Milliseconds } from '../domain/units.ts';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { fromEntryItem, toEntryItem } from './entry-item.ts';
import { answered, type Pace } from './faults.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** A row of the ledger as it is, whatever somebody has made of it. */
export type LedgerRow = { readonly entry: Entry } | { readonly unreadable: UnreadableRow };

/**
 * The pauses before a walk looks again for rows that seem to be missing: the index follows the
 * table within a second.
 */
const waits_ms: readonly Milliseconds[] = [200, 800];

/**
 * Less than the megabyte that DynamoDB gives at most, because an unpacked page is in memory several
 * times over.
 */
const rows_per_page = 500;

/**
 * The rows in the order of `seq`, up to this one. Each page is read when the one before is used up,
 * so memory is bounded, whatever the ledger's size. All that the account committed before the call
 * is there.
 */
export async function* walkLedger(
  database: Database,
  account_id: string,
  through_seq: number,
  { wait }: Pick<Pace, 'wait'>,
): AsyncGenerator<LedgerRow> {
  const waits = [...waits_ms];
  let last = Number.NEGATIVE_INFINITY;
  let wait_ms: Milliseconds | undefined;
  do {
    wait_ms = undefined;
    for await (const item of scanItems(database, account_id, last)) {
      const place = placeOf(item);
      if (place > through_seq) break;
      if (place > Math.max(0, last) + 1) wait_ms = waits.shift();
      if (wait_ms !== undefined) break;
      yield toRow(item);
      last = place;
    }
    if (Math.max(0, last) < through_seq && Number.isFinite(through_seq)) wait_ms ??= waits.shift();
    if (wait_ms !== undefined) await wait(wait_ms);
  } while (wait_ms !== undefined);
}

/** The account's rows after a place, page by page; without a place, all. */
export async function* scanPages(
  database: Database,
  account_id: string,
  behind = Number.NEGATIVE_INFINITY,
): AsyncGenerator<readonly Item[]> {
  const is_whole = behind === Number.NEGATIVE_INFINITY;
  let start_key: Record<string, AttributeValue> | undefined;
  do {
    // Without the document client: a number that it cannot read would cost the whole page.
    const { Items = [], LastEvaluatedKey } = await answered(
      database.client.send(
        new QueryCommand({
          TableName: tableName(database, 'ledger'),
          IndexName: 'by_seq',
          KeyConditionExpression: `account_id = :account_id${is_whole ? '' : ' AND seq > :behind'}`,
          ExpressionAttributeValues: {
            ':account_id': { S: account_id },
            ...(is_whole ? {} : { ':behind': { N: String(behind) } }),
          },
          ScanIndexForward: true,
          Limit: rows_per_page,
          ExclusiveStartKey: start_key,
        }),
      ),
    );
    yield Items;
    start_key = LastEvaluatedKey;
  } while (start_key !== undefined);
}

/**
 * The names of the account's rows without a `seq`, which no listing shows. Reads the whole table.
 */
export async function* scanUnlisted(database: Database, account_id: string): AsyncGenerator<RowName> {
  let start_key: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await answered(
      database.client.send(
        new QueryCommand({
          TableName: tableName(database, 'ledger'),
          KeyConditionExpression: 'account_id = :account_id',
          FilterExpression: 'attribute_not_exists(seq)',
          ProjectionExpression: 'entry_id',
          ExpressionAttributeValues: { ':account_id': { S: account_id } },
          ExclusiveStartKey: start_key,
          ConsistentRead: true,
        }),
      ),
    );
    for (const item of Items) yield nameOf(item);
    start_key = LastEvaluatedKey;
  } while (start_key !== undefined);
}

async function* scanItems(database: Database, account_id: string, behind: number): AsyncGenerator<Item> {
  for await (const page of scanPages(database, account_id, behind)) yield* page;
}

/** The row's place in the index: its `seq`, unless somebody has changed that. */
export function placeOf({ seq }: Item): number {
  return Number(seq?.N);
}

/** The row, checked. An entry is exactly what `toEntryItem` writes. */
export function toRow(item: Item): LedgerRow {
  try {
    const plain = unmarshall(item, { wrapNumbers: toWholeNumber });
    const entry = fromEntryItem(plain);
    if (isDeepStrictEqual(plain, toEntryItem(entry))) return { entry };
    return { unreadable: unreadableRow(item, 'it holds what no entry holds') };
  } catch (error) {
    return { unreadable: unreadableRow(item, reasonOf(error)) };
  }
}

/** The name by which problems call the row. */
export function nameOf({ seq, entry_id }: Item): RowName {
  return { seq: wholeNumber(seq?.N), entry_id: entry_id?.S ?? null };
}

function unreadableRow(item: Item, reason: string): UnreadableRow {
  const { balance_after, hash } = item;
  return { ...nameOf(item), balance_after: wholeNumber(balance_after?.N), hash: hash?.S ?? null, reason };
}

/** Why nobody can read an item, in a few words that do not repeat it. */
export function reasonOf(error: unknown): string {
  const [issue] = error instanceof z.$ZodError ? error.issues : [];
  if (issue !== undefined) return `${issue.path.join('.')}: ${issue.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** For `unmarshall`: whole numbers. Throws for others. */
export function toWholeNumber(text: string): number {
  const whole = wholeNumber(text);
  if (whole === null) throw new RangeError('a number in it is not whole, or is beyond 2^53 − 1');
  return whole;
}

function wholeNumber(text: string | undefined): number | null {
  const number = Number(text ?? '');
  return text !== undefined && /^-?\d+$/.test(text) && Number.isSafeInteger(number) ? number : null;
}
