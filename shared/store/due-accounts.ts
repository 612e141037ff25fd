import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Instant } from '../domain/units.ts';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';

const key_item = z.object({ account_id: z.string(), due_at: z.int() });

/** Where a sweep of a shard goes on: after this account. Messages carry it. */
export const due_cursor = key_item;
export type DueCursor = z.output<typeof due_cursor>;

export interface DueAccounts {
  readonly account_ids: readonly string[];
  /** null if the shard has no more. */
  readonly cursor: DueCursor | null;
}

/**
 * One page of a shard's accounts that are due at `now`, longest due first. Other accounts are not
 * read.
 */
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
