import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { refusal } from '../domain/errors.ts';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';

/** A POST that writes no ledger entry. Its first answer is kept for ever. */
export interface RequestKey {
  readonly account_id: string;
  /** `<route>:<idempotency key>`. */
  readonly request_key: string;
  readonly fingerprint: string;
}

const request_item = z.object({ fingerprint: z.string(), answer: z.string() });

/** The first answer to this request; null if there is none yet. Throws `idempotency_key_reused`. */
export async function findAnswer(database: Database, { fingerprint, ...key }: RequestKey): Promise<unknown> {
  const { Item } = await answered(
    database.client.send(
      new GetCommand({ TableName: tableName(database, 'requests'), Key: { ...key }, ConsistentRead: true }),
    ),
  );
  return Item === undefined ? null : firstAnswer(Item, fingerprint);
}

/**
 * Keeps the answer, and returns the one that counts: if another attempt was faster, that one's.
 * Throws `idempotency_key_reused`.
 */
export async function keepAnswer(
  database: Database,
  request: RequestKey,
  answer: unknown,
): Promise<{ answer: unknown; replayed: boolean }> {
  try {
    await answered(database.client.send(new PutCommand(putAnswer(database, request, answer))));
    return { answer, replayed: false };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException) || error.Item === undefined) throw error;
    return { answer: firstAnswer(unmarshall(error.Item), request.fingerprint), replayed: true };
  }
}

/** The write that keeps an answer, unless there is one. */
export function putAnswer(database: Database, request: RequestKey, answer: unknown) {
  return {
    TableName: tableName(database, 'requests'),
    Item: { ...request, answer: JSON.stringify(answer) },
    ConditionExpression: 'attribute_not_exists(request_key)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
}

function firstAnswer(item: unknown, fingerprint: string): unknown {
  const stored = request_item.parse(item);
  if (stored.fingerprint !== fingerprint) throw refusal('idempotency_key_reused', {});
  return JSON.parse(stored.answer);
}
