import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Instant } from '../domain/units.ts';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';

const key_item = z.object({ account_id: z.string(), due_at: z.int() });

/** Where in a shard a sweep goes on: after this account. It survives a message. */
export const due_cursor = key_item;
export type DueCursor = z.output<typeof due_cursor>;

export interface DueAccounts {
  readonly account_ids: readonly string[];
  /** null when the shard has no more. */
  readonly cursor: DueCursor | null;
}

/** A page of the accounts of a shard that time changes up to `now`, longest due first. What is not due is not read. */
export async function listDueAccounts(
  database: Database,
  { shard, now, limit, cursor }: { shard: number; now: Instant; limit: number; cursor?: DueCursor | undefined },
): Promise<DueAccounts> {
  const { Items = [], LastEvaluatedKey } = await answered(
    database.client.send(
      new QueryCommand({
        TableName: tableName(database, 'accounts'),
        IndexName: 'by_due',
        KeyConditionExpression: 'due_shard = :shard AND due_at <= :now',
        ExpressionAttributeValues: { ':shard': shard, ':now': now },
        ...(cursor === undefined ? {} : { ExclusiveStartKey: { due_shard: shard, ...cursor } }),
        Limit: limit,
      }),
    ),
  );
  return {
    account_ids: Items.map((item) => key_item.parse(item).account_id),
    cursor: LastEvaluatedKey === undefined ? null : key_item.parse(LastEvaluatedKey),
  };
}
