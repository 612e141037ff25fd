import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type Database, type TableName, tableName } from '../shared/store/database.ts';

/** The most rows that one call writes. */
const batch_rows = 25;
const batches_at_once = 8;

/**
 * Writes the rows as a restore would: in batches and without conditions, because a transaction for
 * each would take minutes.
 */
export async function writeRows(
  database: Database,
  table: TableName,
  rows: readonly Record<string, unknown>[],
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(rows.length / batch_rows) }, (_, nth) =>
    rows.slice(nth * batch_rows, (nth + 1) * batch_rows),
  ).values();
  const write = async () => {
    for (const batch of batches) await writeBatch(database, tableName(database, table), batch);
  };
  await Promise.all(Array.from({ length: batches_at_once }, write));
}

async function writeBatch(database: Database, table: string, rows: readonly Record<string, unknown>[]): Promise<void> {
  const requests = rows.map((Item) => ({ PutRequest: { Item } }));
  const { UnprocessedItems = {} } = await database.client.send(
    new BatchWriteCommand({ RequestItems: { [table]: requests } }),
  );
  if (Object.keys(UnprocessedItems).length > 0) throw new Error('the database did not take all rows');
}
