import { setImmediate as turn } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import type { Database } from '../../shared/store/database.ts';
import { describeOnEngines, freshAccountId, newAccounts } from '../engines/engines.ts';
import { deductCommand } from './commands.ts';
import { cancelled } from './faulty-database.ts';

/**
 * The same tables, where transactions on one account meet conflicts as long as the storm lasts.
 * Names of the calls for others.
 */
function stormyDatabase(real: Database, stormy: string, isStorm: () => boolean) {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  const mock = mockClient(client);
  const others: string[] = [];
  mock.on(GetCommand).callsFake((input) => {
    if (input.Key?.account_id !== stormy) others.push('Get');
    return real.client.send(new GetCommand(input));
  });
  mock.on(TransactWriteCommand).callsFake((input) => {
    const is_stormy = input.TransactItems?.[0]?.Put?.Item?.account_id === stormy;
    if (is_stormy && isStorm()) throw cancelled('TransactionConflict', 'None');
    if (!is_stormy) others.push('TransactWrite');
    return real.client.send(new TransactWriteCommand(input));
  });
  return { database: { client, tables: real.tables }, others };
}

describeOnEngines('a storm of conflicts on one account', (database) => {
  test('leaves other accounts alone: they are read and written once meanwhile', async () => {
    const [stormy, calm] = [freshAccountId(), freshAccountId()];
    let is_storm = true;
    const { database: weather, others } = stormyDatabase(database, stormy, () => is_storm);
    const accounts = newAccounts(weather, { deadline_ms: 60_000, stopwatch: () => 0, wait: () => turn() });
    const answers = Promise.all(
      Array.from({ length: 60 }, (_, n) => accounts.transact(stormy, deductCommand(`${n}`, 1))),
    );

    const { entry } = await accounts.transact(calm, deductCommand('a', 5));
    expect(entry).toMatchObject({ amount: -5 });
    expect(others).toEqual(['Get', 'TransactWrite']);

    is_storm = false;
    expect(new Set((await answers).map(({ entry }) => entry?.balance_after)).size).toBe(60);
  });
});
