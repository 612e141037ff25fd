import { BatchWriteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Parts } from '../functions/composition.ts';
import type { Account } from '../shared/domain/account.ts';
import type { Entry } from '../shared/domain/entry.ts';
import { toAccountItem } from '../shared/store/account-item.ts';
import { type Database, tableName } from '../shared/store/database.ts';
import { toEntryItem } from '../shared/store/entry-item.ts';
import { deductOne, openAccount } from './deductions.ts';

/** The most rows that one call writes. */
const batch_rows = 25;
const batches_at_once = 8;

/**
 * An account with so many deductions. They are decided as the store decides them, but written as a restore would write them: in
 * batches and without conditions, since a transaction for each would take minutes.
 */
export async function openLongLedger(parts: Parts, deductions: number): Promise<Account> {
  const { accounts, database, catalog, config, clock } = parts;
  let account = await openAccount(accounts, catalog);
  let rows: Entry[] = [];
  for (let deducted = 0; deducted < deductions; deducted += 1) {
    const decision = deductOne(catalog).decide(account, clock());
    if (!('draft' in decision)) throw new Error('a deduction of one credit was not booked');
    account = decision.draft.account;
    rows.push(...decision.draft.entries);
    if (rows.length < batch_rows * batches_at_once) continue;
    await writeRows(database, rows);
    rows = [];
  }
  await writeRows(database, rows);
  const written = { ...account, version: account.version + 1 };
  const Item = toAccountItem(written, catalog, config.sweep.due_shards);
  await database.client.send(new PutCommand({ TableName: tableName(database, 'accounts'), Item }));
  return written;
}

async function writeRows(database: Database, rows: readonly Entry[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(rows.length / batch_rows) }, (_, nth) =>
    rows.slice(nth * batch_rows, (nth + 1) * batch_rows),
  );
  await Promise.all(batches.map((batch) => writeBatch(database, batch)));
}

async function writeBatch(database: Database, batch: readonly Entry[]): Promise<void> {
  const ledger = tableName(database, 'ledger');
  const requests = batch.map((entry) => ({ PutRequest: { Item: toEntryItem(entry) } }));
  const { UnprocessedItems = {} } = await database.client.send(
    new BatchWriteCommand({ RequestItems: { [ledger]: requests } }),
  );
  if (Object.keys(UnprocessedItems).length > 0) throw new Error('the database did not take all rows');
}
