import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { mockClient } from 'aws-sdk-client-mock';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type EventMessage, openEventQueue, toEventMessage } from '../../../functions/event-queue.ts';
import { webhookApi } from '../../../functions/webhook/api.ts';
import { type Asked, ask, captureLog } from '../../api/events.ts';
import { test_now } from '../../engines/engines.ts';
import { eventObject, invoiceObject, subscriptionObject } from '../../stripe/stripe-objects.ts';

const route_key = 'POST /api/webhooks/stripe';
const payload = JSON.stringify(eventObject('customer.subscription.updated', subscriptionObject()));

let sent: EventMessage[];
let log: ReturnType<typeof captureLog>;

beforeEach(() => {
  sent = [];
  log = captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const sign = (text: string, secret = 'whsec_new', at = test_now) =>
  Stripe.webhooks.generateTestHeaderStringAsync({ payload: text, secret, timestamp: at / 1_000 });

/** The receiver while its secrets are these. */
const receiver = (secrets = 'whsec_new', send = async (message: EventMessage) => void sent.push(message)) =>
  webhookApi({
    clock: () => test_now,
    account_claim: 'sub',
    users_may_spend: false,
    read_webhook_secrets: async () => secrets,
    queue: { send },
  });

const post = (asked: Partial<Asked>, handler = receiver()) => ask(handler, { route_key, ...asked });
const signed = async (text: string, secret?: string, at?: number) => ({
  body: text,
  headers: { 'stripe-signature': await sign(text, secret, at) },
});

describe('the webhook’s receiver', () => {
  test('puts a signed event on the queue as it came, and acknowledges it', async () => {
    const { status, text } = await post(await signed(payload));
    expect({ status, text }).toEqual({ status: 200, text: '{"received":true}' });
    expect(sent).toEqual([{ body: payload, group_id: 'cus_1', deduplication_id: JSON.parse(payload).id }]);
  });

  test('accepts a body that the gateway has encoded in base64', async () => {
    const text = JSON.stringify({ ...JSON.parse(payload), note: 'Zoë 🦊' });
    const { headers } = await signed(text);
    const body = Buffer.from(text).toString('base64');
    expect((await post({ body, headers, is_base64: true })).status).toBe(200);
    expect(sent).toMatchObject([{ body: text }]);
  });

  test('accepts an event larger than other routes take', async () => {
    const text = JSON.stringify({ ...JSON.parse(payload), padding: 'x'.repeat(100_000) });
    expect((await post(await signed(text))).status).toBe(200);
  });

  test('leaves it to the worker to judge what Stripe has signed: wrong livemode, thin and odd events', async () => {
    const odd = [
      JSON.stringify({ id: 'evt_1', livemode: true }),
      '{"id":"evt_2","object":"v2.core.event"}',
      '[]',
      'null',
      '{',
    ];
    for (const text of odd) expect((await post(await signed(text))).status).toBe(200);
    expect(sent.map(({ body }) => body)).toEqual(odd);
  });

  test.each([
    ['no header', async () => ({ body: payload })],
    ['an empty header', async () => ({ body: payload, headers: { 'stripe-signature': '' } })],
    ['no body', async () => ({ headers: (await signed(payload)).headers })],
    ['an empty body', async () => ({ ...(await signed(payload)), body: '' })],
    ['a truncated body', async () => ({ ...(await signed(payload)), body: payload.slice(0, -2) })],
    ['a changed body', async () => ({ ...(await signed(payload)), body: payload.replace('sub_1', 'sub_2') })],
    [
      'a body formatted anew',
      async () => ({ ...(await signed(payload)), body: JSON.stringify(JSON.parse(payload), null, 1) }),
    ],
    ['a signature 301 s old', () => signed(payload, 'whsec_new', test_now - 301_000)],
    ['another secret', () => signed(payload, 'whsec_other')],
    ['bytes that are no UTF-8', async () => ({ ...(await signed(payload)), body: '/w==', is_base64: true })],
  ])('refuses %s with 400 and enqueues nothing', async (_, make: () => Promise<Partial<Asked>>) => {
    const answer = await post(await make());
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'invalid_signature' });
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(sent).toEqual([]);
  });

  test('accepts both secrets while one replaces the other, then refuses the old one', async () => {
    const by_old = await signed(payload, 'whsec_old');
    expect((await post(by_old, receiver('whsec_old,whsec_new'))).status).toBe(200);
    expect((await post(by_old, receiver('whsec_new, whsec_old'))).status).toBe(200);
    expect((await post(by_old, receiver('whsec_new'))).status).toBe(400);
    expect((await post(by_old, receiver(''))).status).toBe(400);
    expect(sent).toHaveLength(2);
  });

  test('accepts a signature 300 s old, over text and over base64, by either secret in use', async () => {
    for (const secret of ['whsec_old', 'whsec_new']) {
      const { headers } = await signed(payload, secret, test_now - 300_000);
      const handler = receiver('whsec_older,whsec_old,whsec_new');
      const encoded = { body: Buffer.from(payload).toString('base64'), is_base64: true, headers };
      expect((await post({ body: payload, headers }, handler)).status).toBe(200);
      expect((await post(encoded, handler)).status).toBe(200);
    }
    expect(new Set(sent.map(({ body }) => body))).toEqual(new Set([payload]));
    expect(sent).toHaveLength(4);
  });

  test('answers 5xx when the queue refuses the event, so Stripe delivers it again', async () => {
    const down = receiver('whsec_new', () => Promise.reject(new Error('canary')));
    const { status, text } = await post(await signed(payload), down);
    expect(status).toBe(500);
    expect(text + JSON.stringify(log())).not.toMatch(/canary|whsec/);
  });
});

describe('a receiver that is killed', () => {
  /** Of an event that Stripe brings until it hears 200: what is on the queue then. */
  async function onTheQueueAfter(deaths: readonly ('before' | 'after')[]): Promise<EventMessage[]> {
    const left = [...deaths];
    const handler = receiver('whsec_new', async (message) => {
      const death = left.shift();
      if (death !== 'before') sent.push(message);
      if (death !== undefined) throw new Error('killed');
    });
    while ((await post(await signed(payload), handler)).status !== 200);
    return sent;
  }

  test.each([[['before']], [['after']], [['before', 'after', 'after']]] as const)(
    '%j its event was on the queue has not said 200; delivered again, it is the same message',
    async (deaths) => {
      const messages = await onTheQueueAfter(deaths);
      expect(messages).toHaveLength(1 + deaths.filter((death) => death === 'after').length);
      for (const message of messages) expect(message).toEqual(toEventMessage(payload));
    },
  );
});

describe('a message on the queue', () => {
  const messageOf = (event: unknown) => toEventMessage(JSON.stringify(event));
  const id = 'evt_1';

  test('has the customer, or else the object, as its group, and the event as its id', () => {
    const grouped = (object: unknown) => messageOf({ id, data: { object } }).group_id;
    expect(messageOf({ id }).deduplication_id).toBe(id);
    expect(grouped(invoiceObject())).toBe('cus_1');
    expect(grouped({ ...invoiceObject(), customer: { id: 'cus_2' } })).toBe('cus_2');
    expect(grouped({ object: 'customer', id: 'cus_3' })).toBe('cus_3');
    expect(grouped({ object: 'dispute', id: 'du_1', customer: null })).toBe('du_1');
    expect(grouped({})).toBe(id);
    expect(messageOf({ id }).group_id).toBe(id);
  });

  test('has hashes where SQS would refuse the names', () => {
    const long = 'x'.repeat(129);
    for (const odd of [messageOf({ id: long }), messageOf({ id: 'ü' }), toEventMessage(`{${long}`)]) {
      expect(odd.deduplication_id).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(messageOf({ id, data: { object: { customer: long } } }).group_id).toMatch(/^[0-9a-f]{64}$/);
  });
});

test('goes to a FIFO queue', async () => {
  vi.stubEnv('AWS_REGION', 'us-east-1');
  const sqs = mockClient(SQSClient);
  sqs.on(SendMessageCommand).resolvesOnce({}).rejects(new Error('down'));
  const queue = openEventQueue('https://sqs.example/1/stripe-events.fifo');
  const message = { body: payload, group_id: 'cus_1', deduplication_id: 'evt_1' };
  await queue.send(message);
  expect(sqs.commandCalls(SendMessageCommand)[0]?.args[0].input).toEqual({
    QueueUrl: 'https://sqs.example/1/stripe-events.fifo',
    MessageBody: payload,
    MessageGroupId: 'cus_1',
    MessageDeduplicationId: 'evt_1',
  });
  await expect(queue.send(message)).rejects.toThrow('down');
  sqs.restore();
});

test('the deployed receiver is made of its environment', async () => {
  await expect(import('../../../functions/webhook/receiver.ts')).rejects.toThrow('STRIPE_EVENTS_QUEUE_URL is not set');
});
