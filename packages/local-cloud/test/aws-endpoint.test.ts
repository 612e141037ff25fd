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
import type { HttpServer } from '../src/http-server.ts';
import { Queue } from '../src/queue.ts';
import { readSystem } from '../src/system.ts';
import { smallTemplate } from './small-template.ts';

const queues = new Map<string, Queue>();
const secrets = new Map([['arn:secret', 'whsec_1']]);
let server: HttpServer;
let sqs: SQSClient;
let secrets_manager: SecretsManagerClient;
let QueueUrl = '';

beforeAll(async () => {
  server = await startAwsEndpoint({ queues, secrets });
  const system = readSystem(smallTemplate('https://issuer'), { api_url: '', aws_url: server.url });
  for (const spec of system.queues) queues.set(spec.url, new Queue(spec, new VirtualClock()));
  QueueUrl = system.queues[1]?.url ?? '';
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  sqs = new SQSClient({ region: 'us-east-1', endpoint: server.url, credentials });
  secrets_manager = new SecretsManagerClient({ region: 'us-east-1', endpoint: server.url, credentials });
});

afterAll(async () => {
  sqs.destroy();
  secrets_manager.destroy();
  await server.close();
});

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
    const unknown = new SendMessageCommand({ QueueUrl: `${server.url}/000000000000/nothing`, MessageBody: 'x' });
    await expect(sqs.send(unknown)).rejects.toThrow(QueueDoesNotExist);
    const groupless = new SendMessageCommand({ QueueUrl, MessageBody: 'x' });
    await expect(sqs.send(groupless)).rejects.toThrow(SQSServiceException);
  });
});

describe('Secrets Manager, called by the real SDK', () => {
  it('gives a secret’s value', async () => {
    const { SecretString } = await secrets_manager.send(new GetSecretValueCommand({ SecretId: 'arn:secret' }));
    expect(SecretString).toBe('whsec_1');
  });

  it('has no other secret', async () => {
    const unknown = new GetSecretValueCommand({ SecretId: 'arn:nothing' });
    await expect(secrets_manager.send(unknown)).rejects.toThrow(ResourceNotFoundException);
  });
});
