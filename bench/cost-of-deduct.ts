import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { compose } from '../functions/composition.ts';
import { type Database, type TableName, tableName } from '../shared/store/database.ts';
import { countCalls, sumOf } from './count-calls.ts';
import { deductOne, entryOf } from './deductions.ts';
import { itemBytes, writeUnits } from './item-bytes.ts';

/** What a deduction on an account asks of the database. */
export interface CostOfDeduct {
  /** Calls that leave the SDK, by a process that has just started. */
  readonly round_trips_cold: number;
  /** And for its next deduction. */
  readonly round_trips_warm: number;
  readonly write_units: number;
  readonly account_item_bytes: number;
}

/** Measures two deductions of one credit, as a function that has just started makes them. */
export async function costOfDeduct(account_id: string): Promise<CostOfDeduct> {
  const { accounts, database, catalog } = compose('accounts', 'ledger');
  const calls = countCalls(database);
  const callsOfDeduct = async () => {
    const before = sumOf(calls);
    const outcome = await accounts.transact(account_id, deductOne(catalog));
    return { outcome, sent: sumOf(calls) - before };
  };
  const cold = await callsOfDeduct();
  const warm = await callsOfDeduct();

  const account = await readItem(database, 'accounts', { account_id });
  const { entry_id } = entryOf(warm.outcome);
  const entry = await readItem(database, 'ledger', { account_id, entry_id });
  return {
    round_trips_cold: cold.sent,
    round_trips_warm: warm.sent,
    // A transaction costs twice its writes; the ledger's index by_seq holds the whole entry. No key of another index changes.
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
