import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { countCalls } from '../../bench/count-calls.ts';
import { deductOne, openAccount } from '../../bench/deductions.ts';
import { itemBytes } from '../../bench/item-bytes.ts';
import { openLongLedger } from '../../bench/long-ledger.ts';
import { composeWith } from '../../functions/composition.ts';
import { tableName } from '../../shared/store/database.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { anyDatabase, test_now } from '../engines/engines.ts';

/** A process of its own. */
const newDeps = () => composeWith({ database: anyDatabase(), clock: () => test_now });

async function costOfDeduct(account_id: string) {
  const { accounts, database } = newDeps();
  const calls = countCalls(database);
  await accounts.transact(account_id, deductOne());
  const cold = Object.fromEntries(calls);
  calls.clear();
  await accounts.transact(account_id, deductOne());
  const warm = Object.fromEntries(calls);
  const { Item = {} } = await database.client.send(
    new GetCommand({ TableName: tableName(database, 'accounts'), Key: { account_id }, ConsistentRead: true }),
  );
  return { cold, warm, item_bytes: itemBytes(Item) };
}

test('an account with 2,000 entries verifies, and costs what a new one costs', async () => {
  const { accounts, database, pace } = newDeps();
  const { account_id: long, seq } = await openLongLedger(newDeps(), 2_000);
  const { account_id: fresh } = await openAccount(accounts);
  expect(await verifyLedger(database, long, pace)).toMatchObject({ ok: true, entries: seq });
  expect(seq).toBeGreaterThan(2_000);

  const [of_long, of_fresh] = [await costOfDeduct(long), await costOfDeduct(fresh)];
  expect(of_long).toMatchObject({ cold: of_fresh.cold, warm: of_fresh.warm });
  // The numbers in it have some digits more.
  expect(of_long.item_bytes).toBeLessThan(of_fresh.item_bytes + 16);
});
