import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';

/** An object of Stripe's of which the account knew too little, or something else. */
export const drift = z.object({
  /** Stripe's id of it. */
  object_id: z.string(),
  account_id: z.nullable(z.string()),
  what: z.enum([
    'unknown_customer',
    'customer_mismatch',
    'not_compared',
    'second_subscription',
    'subscription',
    'purchase',
    'refund',
    'dispute',
  ]),
});
export type Drift = z.output<typeof drift>;

const reconciliation_item = z.object({
  /** All of Stripe's events until then are known, or on their way to the accounts. */
  events_through: z.int(),
  /** Then all of Stripe's subscriptions were last compared with the accounts; null is never. */
  compared_at: z._default(z.nullable(z.int()), null),
  /** What the latest run has found. */
  report: z.object({
    run_id: z.string(),
    started_at: z.int(),
    finished_at: z.int(),
    events_listed: z.int(),
    events_missed: z.int(),
    objects_compared: z.int(),
    objects_not_compared: z.int(),
    objects_drifted: z.int(),
    /** The first of them. */
    drift: z.array(drift),
  }),
});

/** How far the accounts have been brought in line with Stripe. */
export type Reconciliation = z.output<typeof reconciliation_item>;

/** Beside the events in their table, without a time to live. No event has such an id, and nobody can ask for one by it. */
const key = { event_id: '#reconciliation' };

/** Null before the first run has ended. */
export async function getReconciliation(database: Database): Promise<Reconciliation | null> {
  const { Item } = await answered(
    database.client.send(
      new GetCommand({ TableName: tableName(database, 'stripe_events'), Key: key, ConsistentRead: true }),
    ),
  );
  return Item === undefined ? null : reconciliation_item.parse(Item);
}

export async function putReconciliation(database: Database, reconciliation: Reconciliation): Promise<void> {
  const { compared_at, ...row } = reconciliation;
  const item = { ...key, ...row, ...(compared_at === null ? {} : { compared_at }) };
  await answered(database.client.send(new PutCommand({ TableName: tableName(database, 'stripe_events'), Item: item })));
}
