import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';

const key_item = z.object({ account_id: z.string() });

/** The account of a Stripe customer, from the index; null if no known account has it. */
export async function findAccountByCustomer(database: Database, stripe_customer_id: string): Promise<string | null> {
  const { Items = [] } = await answered(
    database.client.send(
      new QueryCommand({
        TableName: tableName(database, 'accounts'),
        IndexName: 'by_stripe_customer',
        KeyConditionExpression: 'stripe_customer_id = :customer',
        ExpressionAttributeValues: { ':customer': stripe_customer_id },
        Limit: 1,
      }),
    ),
  );
  return Items[0] === undefined ? null : key_item.parse(Items[0]).account_id;
}
