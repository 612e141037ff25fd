import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import type { Database } from '../../shared/store/database.ts';

/**
 * What goes wrong with one call: nothing, an error instead of it, or an error after it took effect.
 */
export type Fault = { before: Error } | { after: Error } | null;

export interface FaultyDatabase extends Database {
  /** Names of the calls that were made, in order. */
  readonly calls: string[];
}

/**
 * The same tables through a client whose calls fail as `faultOf` says, by the number of the call
 * (from 0) and its name. Before it is sent and before it is answered, each call waits for its
 * `turn`.
 */
export function faultyDatabase(
  real: Database,
  faultOf: (call: number, name: string) => Fault,
  turn: () => Promise<void> = async () => undefined,
): FaultyDatabase {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  const calls: string[] = [];
  const mock = mockClient(client);

  async function pass<T>(name: string, send: () => Promise<T>): Promise<T> {
    const fault = faultOf(calls.length, name);
    calls.push(name);
    if (fault !== null && 'before' in fault) throw fault.before;
    await turn();
    const answer = await send();
    await turn();
    if (fault !== null) throw fault.after;
    return answer;
  }

  mock.on(GetCommand).callsFake((input) => pass('Get', () => real.client.send(new GetCommand(input))));
  mock.on(PutCommand).callsFake((input) => pass('Put', () => real.client.send(new PutCommand(input))));
  mock.on(QueryCommand).callsFake((input) => pass('Query', () => real.client.send(new QueryCommand(input))));
  mock
    .on(TransactWriteCommand)
    .callsFake((input) => pass('TransactWrite', () => real.client.send(new TransactWriteCommand(input))));
  return { client, tables: real.tables, calls };
}

/** Cancelled for these reasons, one per item. */
export function cancelled(...codes: string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    message: `Transaction cancelled [${codes.join(', ')}]`,
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

/** An error of this name, as the SDK throws them. */
export function named(name: string): Error {
  return Object.assign(new Error(name), { name });
}
