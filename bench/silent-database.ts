import { Readable } from 'node:stream';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Database } from '../shared/store/database.ts';

const account_key = z.looseObject({ account_id: z.object({ S: z.string() }) });
const request_body = z.object({
  TransactItems: z
    .array(z.object({ Put: z.object({ TableName: z.string(), Item: account_key }).optional() }))
    .default([]),
  Key: account_key.optional(),
});

/**
 * A database below the SDK that answers at once. It takes every write, and gives back an account as
 * it was last written.
 */
export function silentDatabase(): Database {
  const headers = { 'content-type': 'application/x-amz-json-1.0' };
  const accounts = new Map<string, unknown>();
  const answer = async ({ body }: { body?: unknown }) => {
    const { TransactItems, Key } = request_body.parse(JSON.parse(String(body)));
    for (const { Put } of TransactItems)
      if (Put?.TableName === 'accounts') accounts.set(Put.Item.account_id.S, Put.Item);
    const answered = JSON.stringify({ Item: Key && accounts.get(Key.account_id.S) });
    return { response: { statusCode: 200, headers, body: Readable.from([Buffer.from(answered)]) } };
  };
  const client = new DynamoDBClient({ requestHandler: { handle: answer } });
  const tables = { accounts: 'accounts', ledger: 'ledger', usage: 'usage' };
  return { client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }), tables };
}
