import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DynamoDbServer, serveDynamoDb } from '../../src/dynamodb/serve.ts';
import { table } from './music.ts';

describe('the AWS SDK', () => {
  let server: DynamoDbServer;
  let client: DynamoDBDocumentClient;

  beforeAll(async () => {
    server = await serveDynamoDb();
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    client = DynamoDBDocumentClient.from(
      new DynamoDBClient({ endpoint: server.endpoint, region: 'us-east-1', credentials }),
    );
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      }),
    );
  });

  afterAll(async () => {
    client.destroy();
    await server.close();
  });

  it('can write and read', async () => {
    const Item = { id: 'a', plays: 7, tags: new Set(['jazz']), bytes: new Uint8Array([1, 2]), nested: [{ ok: true }] };
    await client.send(new PutCommand({ TableName: table, Item }));
    const read = await client.send(new GetCommand({ TableName: table, Key: { id: 'a' } }));
    expect(read.Item).toEqual(Item);
  });

  it('recognizes errors and their members', async () => {
    await client.send(new PutCommand({ TableName: table, Item: { id: 'b' } }));
    const unless_there = {
      TableName: table,
      Item: { id: 'b' },
      ConditionExpression: 'attribute_not_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const;
    const put = await client.send(new PutCommand(unless_there)).catch((error: unknown) => error);
    expect(put).toBeInstanceOf(ConditionalCheckFailedException);
    expect(put).toMatchObject({ message: 'The conditional request failed', Item: { id: { S: 'b' } } });
    const transaction = new TransactWriteCommand({ TransactItems: [{ Put: unless_there }] });
    const cancelled = await client.send(transaction).catch((error: unknown) => error);
    expect(cancelled).toBeInstanceOf(TransactionCanceledException);
    expect(cancelled).toMatchObject({
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: { id: { S: 'b' } } }],
    });
    await expect(client.send(new DescribeTableCommand({ TableName: 'nowhere' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: nowhere not found',
    });
  });
});

it('the server keeps no process alive that has nothing else to do', async () => {
  const module_url = new URL('../../src/dynamodb/serve.ts', import.meta.url).href;
  const script = `const { serveDynamoDb } = await import(${JSON.stringify(module_url)});
    const { endpoint } = await serveDynamoDb();
    await (await fetch(endpoint)).text();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([0, null]);
});
