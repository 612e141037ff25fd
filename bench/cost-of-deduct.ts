import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { compose } from '../functions/composition.ts';
import { type Database, type TableName, tableName } from '../shared/store/database.ts';
import { countCalls, sumOf } from './count-calls.ts';
import { deductOne, entryOf } from './deductions.ts';
import { itemBytes, writeUnits } from './item-bytes.ts';

/** What a deduction asks of the database. */
export interface CostOfDeduct {
  /** Calls that leave the SDK. */
  readonly round_trips: number;
  readonly write_units: number;
  readonly account_item_bytes: number;
}

/** Measures a deduction of one credit. */
export async function costOfDeduct(account_id: string): Promise<CostOfDeduct> {
  const { accounts, database } = compose('accounts', 'ledger');
  const calls = countCalls(database);
  const outcome = await accounts.transact(account_id, deductOne());
  const round_trips = sumOf(calls);

  const account = await readItem(database, 'accounts', { account_id });
  const { entry_id } = entryOf(outcome);
  const entry = await readItem(database, 'ledger', { account_id, entry_id });
  return {
    round_trips,
    // A transaction costs twice its writes; the ledger's index by_seq holds the whole entry. No key
    // of another index changes.
    write_units: 2 * (writeUnits(account) + writeUnits(entry)) + writeUnits(entry),
    account_item_bytes: itemBytes(account),
  };
}

async function readItem(
  database: Database,
  table: TableName,
  key: Record<string, string>,
): Promise<Record<string, unknown>> {
  const { Item } = await database.client.send(
    new GetCommand({ TableName: tableName(database, table), Key: key, ConsistentRead: true }),
  );
  if (Item === undefined) throw new Error(`the table ${table} has no such item`);
  return Item;
}
