import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Instant } from '../domain/units.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';
import { fromStripeEventItem, type StripeEventRecord, toStripeEventItem } from './stripe-event-item.ts';

export type { StripeEventRecord } from './stripe-event-item.ts';

/** Records an event that changed no account. An event that is recorded already stays as it is. */
export async function keepStripeEvent(database: Database, record: StripeEventRecord, now: Instant): Promise<void> {
  try {
    await answered(
      database.client.send(
        new PutCommand({
          TableName: tableName(database, 'stripe_events'),
          Item: toStripeEventItem(record, now),
          ConditionExpression: 'attribute_not_exists(event_id)',
        }),
      ),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** What became of the event; null when it was not handled yet. */
export async function findStripeEvent(database: Database, event_id: string): Promise<StripeEventRecord | null> {
  const { Item } = await answered(
    database.client.send(
      new GetCommand({ TableName: tableName(database, 'stripe_events'), Key: { event_id }, ConsistentRead: true }),
    ),
  );
  return Item === undefined ? null : fromStripeEventItem(Item);
}
