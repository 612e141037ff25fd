import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DescribeTableCommand, type TableDescription } from '@aws-sdk/client-dynamodb';
import type { Database } from '../../../shared/store/database.ts';

/**
 * The same database with new, empty tables: nobody else's events are replayed by what is fuzzed,
 * and no index of other tests is in its way.
 */
export async function withOwnTables({ client, tables }: Database): Promise<Database> {
  const copied = Object.entries(tables).map(async ([name, physical]) => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: physical }));
    if (Table === undefined) throw new Error(`there is no table ${physical}`);
    const own = `${physical}-${randomUUID()}`;
    await client.send(new CreateTableCommand({ TableName: own, ...formOf(Table) }));
    return [name, own] as const;
  });
  return { client, tables: Object.fromEntries(await Promise.all(copied)) };
}

function formOf({ AttributeDefinitions, KeySchema, GlobalSecondaryIndexes }: TableDescription) {
  const indexes = GlobalSecondaryIndexes?.map((index) => ({
    IndexName: index.IndexName,
    KeySchema: index.KeySchema,
    Projection: index.Projection,
  }));
  return {
    AttributeDefinitions,
    KeySchema,
    BillingMode: 'PAY_PER_REQUEST' as const,
    ...(indexes === undefined || indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes }),
  };
}
