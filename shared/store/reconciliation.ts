import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';

/**
 * An object at Stripe that disagrees with the account, or of which the account knows too little.
 */
export const drift = z.object({
  /** The object's id at Stripe. */
  object_id: z.string(),
  account_id: z.nullable(z.string()),
  what: z.enum([
    'unknown_customer',
    'customer_mismatch',
    'not_compared',
    'second_subscription',
    'subscription',
    'purchase',
    'money_back',
    'dispute',
  ]),
});
export type Drift = z.output<typeof drift>;

const reconciliation_item = z.object({
  /** All of Stripe's events until this moment are known, or on their way to the accounts. */
  events_through: z.int(),
  /** When all of Stripe's subscriptions were last compared with the accounts; null means never. */
  compared_at: z._default(z.nullable(z.int()), null),
  /** The findings of the latest finished run. */
  report: z.object({
    run_id: z.string(),
    started_at: z.int(),
    finished_at: z.int(),
    events_listed: z.int(),
    events_missed: z.int(),
    objects_compared: z.int(),
    objects_not_compared: z.int(),
    objects_drifted: z.int(),
    /** The first findings of drift. */
    drift: z.array(drift),
  }),
});

/** How far the accounts agree with Stripe. */
export type Reconciliation = z.output<typeof reconciliation_item>;

/**
 * The row lies in the table of events, without a time to live. No event has such an id, and no
 * route asks for one by it.
 */
const key = { event_id: '#reconciliation' };

/** The marks and the latest report; null before the first run has ended. */
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
