import { createHash } from 'node:crypto';
import { reference } from '../shared/stripe/stripe-fields.ts';
import * as z from '../shared/zod.ts';
import { type MessagePlace, openQueue } from './open-queue.ts';

/** A message of the FIFO queue. */
export interface EventMessage extends MessagePlace {
  readonly body: string;
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
  const queue = openQueue(queue_url);
  return { send: ({ body, ...place }) => queue.send(body, place) };
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
