import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { compose } from '../../functions/composition.ts';
import { type Database, type TableName, tableName } from '../../shared/store/database.ts';
import { countCalls, sumOf } from '../count-calls.ts';
import { deductOne, entryOf, openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { itemBytes, writeUnits } from '../item-bytes.ts';

/** What one deduction asks of the database, and how large the items are that it leaves there. */
export async function measureDeduct(): Promise<Figure[]> {
  const { accounts, database, catalog } = compose('accounts', 'ledger');
  const { account_id } = await openAccount(accounts, catalog);

  // A function that has just started knows no account.
  const started = compose('accounts', 'ledger');
  const calls = countCalls(started.database);
  const callsOfDeduct = async () => {
    const before = sumOf(calls);
    const outcome = await started.accounts.transact(account_id, deductOne(catalog));
    return { outcome, sent: sumOf(calls) - before };
  };
  const cold = await callsOfDeduct();
  const warm = await callsOfDeduct();

  const account = await readItem(database, 'accounts', { account_id });
  const { entry_id } = entryOf(warm.outcome);
  const entry = await readItem(database, 'ledger', { account_id, entry_id });
  // A transaction costs twice its writes; the ledger's index by_seq holds the whole entry. No key of another index changes.
  const units = 2 * (writeUnits(account) + writeUnits(entry)) + writeUnits(entry);
  return [
    figure('deduct_round_trips_cold', [cold.sent], { at_most: 2 }),
    figure('deduct_round_trips_warm', [warm.sent], { at_most: 1 }),
    figure('deduct_write_units', [units], { at_most: 5 }),
    figure('account_item_bytes', [itemBytes(account)], { at_most: 1024 }),
  ];
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
