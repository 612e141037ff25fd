import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { composeWith, type Deps } from '../functions/composition.ts';
import { tableName } from '../shared/store/database.ts';

/**
 * The same dependencies with an accounts table of their own, made as the first one is. The tables
 * share no rows.
 */
export async function withSecondAccountsTable({ database, clock }: Deps): Promise<Deps> {
  const { client, tables } = database;
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName(database, 'accounts') }));
  if (Table === undefined) throw new Error('the database does not describe its accounts table');
  const accounts = `accounts-${randomUUID()}`;
  const indexes = Table.GlobalSecondaryIndexes?.map(({ IndexName, KeySchema, Projection }) => ({
    IndexName,
    KeySchema,
    Projection,
  }));
  await client.send(
    new CreateTableCommand({
      TableName: accounts,
      AttributeDefinitions: Table.AttributeDefinitions,
      KeySchema: Table.KeySchema,
      GlobalSecondaryIndexes: indexes,
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  return composeWith({ database: { client, tables: { ...tables, accounts } }, clock });
}
