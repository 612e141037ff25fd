import { createHash } from 'node:crypto';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { reference } from '../shared/stripe/stripe-fields.ts';
import * as z from '../shared/zod.ts';

/**
 * A message of the FIFO queue. SQS keeps the order within a group, and takes messages with the same
 * deduplication id as one.
 */
export interface EventMessage {
  readonly body: string;
  readonly group_id: string;
  readonly deduplication_id: string;
}

export interface EventQueue {
  /** Rejects if the queue did not take the message. */
  send(message: EventMessage): Promise<void>;
}

/**
 * The fields that say whose event it is. The receiver tolerates missing ones: the worker judges
 * events.
 */
const routed_fields = z.catch(
  z.object({
    id: z.catch(z.nullable(z.string()), null),
    data: z.catch(
      z.nullable(
        z.object({
          object: z.object({
            object: z.catch(z.nullable(z.string()), null),
            id: z.catch(z.nullable(z.string()), null),
            customer: z.catch(z.nullable(reference), null),
          }),
        }),
      ),
      null,
    ),
  }),
  { id: null, data: null },
);

/**
 * The message of a signed body. Its group is the customer, or else what the event is about; its
 * deduplication id is the event's id.
 */
export function toEventMessage(body: string): EventMessage {
  const { id, data } = routed_fields.parse(parseJson(body));
  const deduplication_id = queueId(id ?? body);
  const about = data?.object;
  const group = about?.customer ?? about?.id;
  return { body, deduplication_id, group_id: group ? queueId(group) : deduplication_id };
}

export function openEventQueue(queue_url: string): EventQueue {
  const client = new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  return {
    async send({ body, group_id, deduplication_id }) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queue_url,
          MessageBody: body,
          MessageGroupId: group_id,
          MessageDeduplicationId: deduplication_id,
        }),
      );
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The text, or its hash if SQS would not take it as an id. */
function queueId(text: string): string {
  return /^[\x21-\x7e]{1,128}$/.test(text) ? text : createHash('sha256').update(text).digest('hex');
}
