import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startAwsEndpoint } from '../src/aws-endpoint.ts';
import { VirtualClock } from '../src/clock.ts';
import { type HttpRequest, type HttpServer, startHttpServer } from '../src/http-server.ts';
import { Queue } from '../src/queue.ts';
import { Access } from '../src/roles/access.ts';
import { readRoles } from '../src/roles/read-roles.ts';
import { readSystem } from '../src/system.ts';
import { smallTemplate } from './small-template.ts';

const queues = new Map<string, Queue>();
const template = smallTemplate('https://issuer');
const secret_arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:ApiKey-local';
const secrets = new Map([[secret_arn, 'whsec_1']]);
/** The session token of the template's function. */
const Notes = { accessKeyId: 'local', secretAccessKey: 'local', sessionToken: 'Notes' };
const roles = readRoles(template);
const warnings: string[] = [];
/** What came through to the database, which answers that there is no item. */
const forwarded: HttpRequest[] = [];
let database: HttpServer;
let server: HttpServer;
let dynamodb: DynamoDBClient;
let sqs: SQSClient;
let secrets_manager: SecretsManagerClient;
let QueueUrl = '';

beforeAll(async () => {
  database = await startHttpServer({
    port: 0,
    most_body_bytes: 1024 * 1024,
    tooLarge: () => ({ status: 413 }),
    answer: async (request) => {
      forwarded.push(request);
      return {
        status: 200,
        headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-crc32': '2745614147' },
        body: '{}',
      };
    },
    failed: (error) => ({ status: 500, body: String(error) }),
  });
  server = await startAwsEndpoint({
    queues,
    secrets,
    database_url: database.url,
    access: new Access(roles),
    warn: (line) => void warnings.push(line),
  });
  const system = readSystem(template, { api_url: '', aws_url: server.url });
  for (const spec of system.queues) queues.set(spec.url, new Queue(spec, new VirtualClock()));
  QueueUrl = system.queues[1]?.url ?? '';
  const options = { region: 'us-east-1', endpoint: server.url, credentials: Notes };
  sqs = new SQSClient(options);
  secrets_manager = new SecretsManagerClient(options);
  dynamodb = new DynamoDBClient(options);
});

afterAll(async () => {
  sqs.destroy();
  secrets_manager.destroy();
  dynamodb.destroy();
  await server.close();
  await database.close();
});

/** Lets the function do more than its template says. */
function allow(action: string, resource: string): void {
  roles.get('Notes')?.statements.push({ effect: 'Allow', actions: [action], resources: [resource] });
}

const received = () =>
  queues
    .get(QueueUrl)
    ?.receive(10)
    .map(({ body, group_id, attributes }) => ({ body, group_id, attributes }));

describe('SQS, called by the real SDK, which checks the digests', () => {
  it('sends a message with attributes', async () => {
    const MessageAttributes = {
      type: { DataType: 'String', StringValue: 'invoice.paid' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) },
      count: { DataType: 'Number', StringValue: '3' },
    };
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: '{"ä":1}',
        MessageGroupId: 'cus_1',
        MessageDeduplicationId: 'evt_1',
        MessageAttributes,
      }),
    );
    expect(sent.MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(sent.MD5OfMessageAttributes).toMatch(/^[0-9a-f]{32}$/);
    expect(sent.SequenceNumber).toBeDefined();
    expect(received()).toMatchObject([
      { body: '{"ä":1}', group_id: 'cus_1', attributes: { count: { StringValue: '3' } } },
    ]);
  });

  it('sends a batch and says which entries were refused', async () => {
    const answer = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'x', MessageGroupId: 'cus_2', MessageDeduplicationId: 'evt_2' },
          { Id: 'bad', MessageBody: 'y' },
        ],
      }),
    );
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(answer.Failed).toMatchObject([{ Id: 'bad', Code: 'MissingParameter', SenderFault: true }]);
    expect(received()).toMatchObject([{ body: 'x' }]);
  });

  it('counts messages', async () => {
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '2' });
  });

  it('refuses as SQS does', async () => {
    allow('sqs:SendMessage', '*:nothing');
    const unknown = new SendMessageCommand({ QueueUrl: `${server.url}/000000000000/nothing`, MessageBody: 'x' });
    await expect(sqs.send(unknown)).rejects.toThrow(QueueDoesNotExist);
    const groupless = new SendMessageCommand({ QueueUrl, MessageBody: 'x' });
    await expect(sqs.send(groupless)).rejects.toThrow(SQSServiceException);
  });
});

describe('Secrets Manager, called by the real SDK', () => {
  it('gives a secret’s value', async () => {
    const { SecretString } = await secrets_manager.send(new GetSecretValueCommand({ SecretId: secret_arn }));
    expect(SecretString).toBe('whsec_1');
  });

  it('has no other secret', async () => {
    allow('secretsmanager:GetSecretValue', 'arn:nothing');
    const unknown = new GetSecretValueCommand({ SecretId: 'arn:nothing' });
    await expect(secrets_manager.send(unknown)).rejects.toThrow(ResourceNotFoundException);
  });
});

describe('DynamoDB, called by the real SDK', () => {
  it('is the database, which gets the call as it was made', async () => {
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName: 'NotesTable', Key: { note_id: { S: 'ä' } } }));
    expect(Item).toBeUndefined();
    const [call] = forwarded.splice(0);
    expect(JSON.parse(String(call?.body))).toEqual({ TableName: 'NotesTable', Key: { note_id: { S: 'ä' } } });
    expect(call?.headers).toMatchObject({
      'x-amz-target': ['DynamoDB_20120810.GetItem'],
      authorization: [expect.stringContaining('Credential=local/')],
    });
  });

  it('answers a failure of the database as AWS does', async () => {
    const stopped = await startAwsEndpoint({
      queues,
      secrets,
      database_url: 'http://127.0.0.1:9',
      access: new Access(roles),
      warn: () => {},
    });
    const client = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: stopped.url,
      credentials: Notes,
      maxAttempts: 1,
    });
    const call = client.send(new GetItemCommand({ TableName: 'NotesTable', Key: { note_id: { S: 'a' } } }));
    await expect(call).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
    client.destroy();
    await stopped.close();
  });
});

describe('what a role does not allow', () => {
  const user = 'User: arn:aws:sts::000000000000:assumed-role/Role/Notes is not authorized to perform: ';

  it('is AccessDeniedException of DynamoDB, and does not reach the database', async () => {
    const Item = { note_id: { S: 'a' } };
    const call = dynamodb.send(
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName: 'NotesTable', Item } }, { Delete: { TableName: 'NotesTable', Key: Item } }],
      }),
    );
    await expect(call).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`${user}dynamodb:DeleteItem on resource: arn:aws:dynamodb:`),
      $metadata: { httpStatusCode: 400 },
    });
    expect(forwarded).toEqual([]);
    expect(warnings.splice(0)).toEqual([expect.stringContaining('dynamodb:DeleteItem')]);
  });

  it('is AccessDenied of SQS, and sends nothing', async () => {
    const dead_letters = QueueUrl.replace('Queue.fifo', 'DeadLetters.fifo');
    const message = { MessageBody: 'x', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    await expect(sqs.send(new SendMessageCommand({ QueueUrl: dead_letters, ...message }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`${user}sqs:sendmessage on resource: arn:aws:sqs:`),
      $metadata: { httpStatusCode: 403 },
    });
    expect(queues.get(dead_letters)?.receive(1)).toEqual([]);
  });

  it('is AccessDeniedException of Secrets Manager', async () => {
    await expect(secrets_manager.send(new GetSecretValueCommand({ SecretId: 'arn:another' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`${user}secretsmanager:GetSecretValue on resource: arn:another`),
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('is everything to who is no function', async () => {
    const stranger = new DynamoDBClient({
      region: 'us-east-1',
      endpoint: server.url,
      credentials: { ...Notes, sessionToken: 'Stranger' },
    });
    const call = stranger.send(new GetItemCommand({ TableName: 'NotesTable', Key: { note_id: { S: 'a' } } }));
    await expect(call).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    stranger.destroy();
  });
});
