import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { due_cursor } from '../../shared/store/due-accounts.ts';
import * as z from '../../shared/zod.ts';

/** A shard of due accounts to sweep, from the cursor on. */
export const sweep_message = z.strictObject({ shard: z.int().check(z.minimum(0)), cursor: z.nullable(due_cursor) });
export type SweepMessage = z.output<typeof sweep_message>;

export interface SweepQueue {
  /**
   * Puts all messages on the queue, or rejects. After a rejection some may be on it; to sweep a
   * shard twice does no harm.
   */
  send(messages: readonly SweepMessage[]): Promise<void>;
}

/** The most that SQS takes at once. */
const batch_max = 10;

export class SweepMessagesRefused extends Error {
  readonly codes: readonly string[];
  constructor(codes: readonly string[]) {
    super(`the queue did not take ${codes.length} messages: ${codes.join(', ')}`);
    this.name = 'SweepMessagesRefused';
    this.codes = codes;
  }
}

export function openSweepQueue(queue_url: string): SweepQueue {
  const client = new SQSClient({});
  return {
    async send(messages) {
      for (let first = 0; first < messages.length; first += batch_max) {
        const entries = messages
          .slice(first, first + batch_max)
          .map((message, index) => ({ Id: String(index), MessageBody: JSON.stringify(message) }));
        const { Failed = [] } = await client.send(
          new SendMessageBatchCommand({ QueueUrl: queue_url, Entries: entries }),
        );
        if (Failed.length > 0) throw new SweepMessagesRefused(Failed.map(({ Code }) => Code ?? 'unknown'));
      }
    },
  };
}
