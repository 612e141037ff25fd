import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** Where a message of a FIFO queue has its place. */
export interface MessagePlace {
  /** SQS keeps the order within a group. */
  readonly group_id: string;
  /** SQS takes messages with the same id as one. */
  readonly deduplication_id: string;
}

export interface Queue {
  /** Rejects if the queue did not take the message. */
  send(body: string, place: MessagePlace): Promise<void>;
  /**
   * Puts all messages on a queue that is no FIFO queue, or rejects (`MessagesRefused`). After a
   * rejection some may be on it.
   */
  sendAll(bodies: readonly string[]): Promise<void>;
}

/** SQS did not take some messages of a batch. */
export class MessagesRefused extends Error {
  readonly codes: readonly string[];
  constructor(codes: readonly string[]) {
    super(`the queue did not take ${codes.length} messages: ${codes.join(', ')}`);
    this.name = 'MessagesRefused';
    this.codes = codes;
  }
}

/** The most that SQS takes at once. */
const batch_max = 10;

/**
 * A queue to send to. Its client gives up on a silent connection after a second or two, and tries
 * three times: a function must not spend its time on a queue that does not answer.
 */
export function openQueue(queue_url: string): Queue {
  const client = new SQSClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
  return {
    async send(body, { group_id, deduplication_id }) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: queue_url,
          MessageBody: body,
          MessageGroupId: group_id,
          MessageDeduplicationId: deduplication_id,
        }),
      );
    },
    async sendAll(bodies) {
      for (let first = 0; first < bodies.length; first += batch_max) {
        const entries = bodies
          .slice(first, first + batch_max)
          .map((body, index) => ({ Id: String(index), MessageBody: body }));
        const { Failed = [] } = await client.send(
          new SendMessageBatchCommand({ QueueUrl: queue_url, Entries: entries }),
        );
        if (Failed.length > 0) throw new MessagesRefused(Failed.map(({ Code }) => Code ?? 'unknown'));
      }
    },
  };
}
