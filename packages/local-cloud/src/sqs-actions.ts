import { z } from 'zod';
import { type Message, MessageRefused, type NewMessage, type Queue } from './queue.ts';
import { md5, md5OfAttributes } from './sqs-digest.ts';

const attributesSchema = z
  .record(
    z.string(),
    z.object({ DataType: z.string(), StringValue: z.string().optional(), BinaryValue: z.string().optional() }),
  )
  .optional();

const messageSchema = z.object({
  MessageBody: z.string().min(1),
  MessageAttributes: attributesSchema,
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
  DelaySeconds: z.number().int().min(0).max(900).optional(),
});

const sendSchema = messageSchema.extend({ QueueUrl: z.string() });
const sendBatchSchema = z.object({
  QueueUrl: z.string(),
  Entries: z
    .array(messageSchema.extend({ Id: z.string() }))
    .min(1)
    .max(10),
});
const attributesQuerySchema = z.object({ QueueUrl: z.string(), AttributeNames: z.array(z.string()).default([]) });

/** The longest message, and the longest batch, that SQS takes: 1 MiB. */
const most_message_bytes = 1024 * 1024;

/** SQS by its JSON protocol: the actions that functions use. */
export class SqsActions {
  readonly #queues: ReadonlyMap<string, Queue>;

  /** `queues` by URL. */
  constructor(queues: ReadonlyMap<string, Queue>) {
    this.#queues = queues;
  }

  /**
   * The answer's body, or undefined for an unknown action. Throws `MessageRefused` or a ZodError.
   */
  perform(action: string, input: unknown): object | undefined {
    switch (action) {
      case 'SendMessage':
        return this.#send(sendSchema.parse(input));
      case 'SendMessageBatch':
        return this.#sendBatch(sendBatchSchema.parse(input));
      case 'GetQueueAttributes':
        return this.#attributes(attributesQuerySchema.parse(input));
      default:
        return undefined;
    }
  }

  #queue(url: string): Queue {
    const queue = this.#queues.get(url);
    if (queue === undefined) throw new MessageRefused('QueueDoesNotExist', 'The specified queue does not exist.');
    return queue;
  }

  #send({ QueueUrl, ...entry }: z.infer<typeof sendSchema>): object {
    refuseLong([entry]);
    return sent(this.#queue(QueueUrl).send(toNewMessage(entry)));
  }

  #sendBatch({ QueueUrl, Entries }: z.infer<typeof sendBatchSchema>): object {
    const queue = this.#queue(QueueUrl);
    refuseLong(Entries);
    if (new Set(Entries.map(({ Id }) => Id)).size < Entries.length) {
      throw new MessageRefused('BatchEntryIdsNotDistinct', 'Two or more batch entries have the same Id.');
    }
    const Successful: object[] = [];
    const Failed: object[] = [];
    for (const { Id, ...entry } of Entries) {
      try {
        Successful.push({ Id, ...sent(queue.send(toNewMessage(entry))) });
      } catch (error) {
        if (!(error instanceof MessageRefused)) throw error;
        Failed.push({ Id, Code: error.code, Message: error.message, SenderFault: true });
      }
    }
    return { Successful, Failed };
  }

  #attributes({ QueueUrl, AttributeNames }: z.infer<typeof attributesQuerySchema>): object {
    const queue = this.#queue(QueueUrl);
    const { spec } = queue;
    const { waiting, in_flight } = queue.counts();
    const all: Record<string, string> = {
      ApproximateNumberOfMessages: String(waiting),
      ApproximateNumberOfMessagesNotVisible: String(in_flight),
      ApproximateNumberOfMessagesDelayed: '0',
      QueueArn: spec.arn,
      VisibilityTimeout: String(spec.visibility_timeout_s),
      DelaySeconds: String(spec.delay_s),
      ...(spec.fifo && { FifoQueue: 'true', ContentBasedDeduplication: String(spec.content_based_deduplication) }),
    };
    const wanted = (name: string) => AttributeNames.includes('All') || AttributeNames.includes(name);
    return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name))) };
  }
}

function toNewMessage(entry: z.infer<typeof messageSchema>): NewMessage {
  return {
    body: entry.MessageBody,
    attributes: entry.MessageAttributes ?? {},
    ...(entry.MessageGroupId !== undefined && { group_id: entry.MessageGroupId }),
    ...(entry.MessageDeduplicationId !== undefined && { deduplication_id: entry.MessageDeduplicationId }),
    ...(entry.DelaySeconds !== undefined && { delay_s: entry.DelaySeconds }),
  };
}

function sent({ message_id, body, attributes, sequence_number }: Message): object {
  return {
    MessageId: message_id,
    MD5OfMessageBody: md5(body),
    ...(Object.keys(attributes).length > 0 && { MD5OfMessageAttributes: md5OfAttributes(attributes) }),
    ...(sequence_number !== null && { SequenceNumber: sequence_number }),
  };
}

function refuseLong(entries: { MessageBody: string }[]): void {
  const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
  if (bytes > most_message_bytes) {
    throw new MessageRefused('InvalidParameterValue', `The message must be shorter than ${most_message_bytes} bytes.`);
  }
}
