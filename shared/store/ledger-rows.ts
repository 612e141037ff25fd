import { isDeepStrictEqual } from 'node:util';
import { type AttributeValue, QueryCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Entry } from '../domain/entry.ts';
import type { Milliseconds } from '../domain/units.ts';
import type { RowName, UnreadableRow } from '../domain/verify-ledger.ts';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { fromEntryItem, toEntryItem } from './entry-item.ts';
import { answered, type Pace } from './faults.ts';

type Item = Readonly<Record<string, AttributeValue>>;

/** A row of the ledger as it is found there, whatever somebody has made of it. */
export type LedgerRow = { readonly entry: Entry } | { readonly unreadable: UnreadableRow };

/**
 * How often, and how long apart, rows that seem to be missing are looked for again in a walk: the index follows the table within a
 * second.
 */
const waits_ms: readonly Milliseconds[] = [200, 800];

/** Less than the megabyte that DynamoDB gives at most: a page is in memory several times over while it is unpacked. */
const rows_per_page = 500;

/**
 * The rows in the order of seq as far as this one, each page read when the one before it has been used up: bounded memory, whatever
 * the ledger's size. What the account has committed before the call is there.
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

/** The account's rows behind a place, page by page. Without one, all. */
export async function* scanPages(
  database: Database,
  account_id: string,
  behind = Number.NEGATIVE_INFINITY,
): AsyncGenerator<readonly Item[]> {
  const is_whole = behind === Number.NEGATIVE_INFINITY;
  let start_key: Record<string, AttributeValue> | undefined;
  do {
    // Not by the document client: a number that it cannot read would cost the whole page.
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

/** How problems call the account's rows that have no seq, and so are in no listing: reads the table itself, whole. */
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

/** Where the index has the row: its seq, unless somebody has made something else of it. */
export function placeOf({ seq }: Item): number {
  return Number(seq?.N);
}

/** The row, checked. An entry is exactly what `toEntryItem` writes of it. */
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

/** How problems call the row. */
export function nameOf({ seq, entry_id }: Item): RowName {
  return { seq: wholeNumber(seq?.N), entry_id: entry_id?.S ?? null };
}

function unreadableRow(item: Item, reason: string): UnreadableRow {
  const { balance_after, hash } = item;
  return { ...nameOf(item), balance_after: wholeNumber(balance_after?.N), hash: hash?.S ?? null, reason };
}

/** Why an item cannot be read, in a few words that do not repeat it. */
export function reasonOf(error: unknown): string {
  const [issue] = error instanceof z.$ZodError ? error.issues : [];
  if (issue !== undefined) return `${issue.path.join('.')}: ${issue.message}`;
  return error instanceof Error ? error.message : String(error);
}

/** For `unmarshall`: whole numbers only. Throws for any other. */
export function toWholeNumber(text: string): number {
  const whole = wholeNumber(text);
  if (whole === null) throw new RangeError('a number in it is not whole, or is beyond 2^53 − 1');
  return whole;
}

function wholeNumber(text: string | undefined): number | null {
  const number = Number(text ?? '');
  return text !== undefined && /^-?\d+$/.test(text) && Number.isSafeInteger(number) ? number : null;
}
