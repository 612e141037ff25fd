import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Physical names of the tables. A function gets the names of those that it may use. */
export interface Tables {
  readonly accounts: string;
  readonly account_parts: string;
  readonly ledger: string;
  readonly stripe_events: string;
  readonly usage: string;
  readonly requests: string;
}

export type TableName = keyof Tables;

export interface Database {
  readonly client: DynamoDBDocumentClient;
  readonly tables: Partial<Tables>;
}

/**
 * The database. Its client gives up on a silent connection after a second or two, and repeats a
 * read or an unanswered write. The SDK repeats the same ClientRequestToken, so such a write takes
 * effect once.
 */
export function openDatabase(tables: Partial<Tables>): Database {
  const client = new DynamoDBClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  // The SDK would copy every request and answer for a log that nobody keeps: a twentieth of a
  // batch's CPU time.
  client.middlewareStack.remove('loggerMiddleware');
  return { client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), tables };
}

/** The physical name of a table. Throws if the function was not given it. */
export function tableName({ tables }: Database, name: TableName): string {
  const physical = tables[name];
  if (physical === undefined)
    throw new Error(`this function was not given the ${name} table: its construct lacks a grant`);
  return physical;
}
