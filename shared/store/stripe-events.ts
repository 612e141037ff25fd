import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Instant } from '../domain/units.ts';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';
import { fromStripeEventItem, type StripeEventRecord, toStripeEventItem, unless_handled } from './stripe-event-item.ts';

export type { StripeEventRecord } from './stripe-event-item.ts';

/**
 * Records an event that changed no account. Answers false if the event was handled already; then
 * its record stays.
 */
export async function keepStripeEvent(database: Database, record: StripeEventRecord, now: Instant): Promise<boolean> {
  try {
    await answered(
      database.client.send(
        new PutCommand({
          TableName: tableName(database, 'stripe_events'),
          Item: toStripeEventItem(record, now),
          ...unless_handled,
        }),
      ),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** The outcome of the event; null if it has none yet. */
export async function findStripeEvent(database: Database, event_id: string): Promise<StripeEventRecord | null> {
  const { Item } = await answered(
    database.client.send(
      new GetCommand({ TableName: tableName(database, 'stripe_events'), Key: { event_id }, ConsistentRead: true }),
    ),
  );
  return Item === undefined ? null : fromStripeEventItem(Item);
}

/** Where a listing of quarantined events goes on: after this event. */
export interface QuarantinePosition {
  readonly created_at: Instant;
  readonly event_id: string;
}

/**
 * Quarantined events, newest first, without their payloads. They come from an index, so one can
 * appear some milliseconds later.
 */
export async function listQuarantined(
  database: Database,
  { limit, after }: { limit: number; after: QuarantinePosition | null },
): Promise<{ records: StripeEventRecord[]; next: QuarantinePosition | null }> {
  const { Items = [], LastEvaluatedKey } = await answered(
    database.client.send(
      new QueryCommand({
        TableName: tableName(database, 'stripe_events'),
        IndexName: 'by_quarantine',
        KeyConditionExpression: 'quarantine = :open',
        ExpressionAttributeValues: { ':open': 'open' },
        ScanIndexForward: false,
        Limit: limit,
        ...(after !== null && { ExclusiveStartKey: { ...after, quarantine: 'open' } }),
      }),
    ),
  );
  const records = Items.map(fromStripeEventItem);
  const last = LastEvaluatedKey === undefined ? undefined : records.at(-1);
  return { records, next: last === undefined ? null : { created_at: last.created_at, event_id: last.event_id } };
}

/** The most keys in one batch of DynamoDB. */
const batch_max = 100;

/** The events among these that have no record. */
export async function unknownEvents(database: Database, event_ids: readonly string[]): Promise<Set<string>> {
  const table = tableName(database, 'stripe_events');
  const unknown = new Set(event_ids);
  let keys = [...unknown].map((event_id): Record<string, unknown> => ({ event_id }));
  while (keys.length > 0) {
    const batch = keys.slice(0, batch_max);
    const { Responses, UnprocessedKeys } = await answered(
      database.client.send(
        new BatchGetCommand({
          RequestItems: { [table]: { Keys: batch, ProjectionExpression: 'event_id', ConsistentRead: true } },
        }),
      ),
    );
    for (const item of Responses?.[table] ?? []) unknown.delete(key_item.parse(item).event_id);
    keys = [...(UnprocessedKeys?.[table]?.Keys ?? []), ...keys.slice(batch_max)];
  }
  return unknown;
}

const key_item = z.object({ event_id: z.string() });
