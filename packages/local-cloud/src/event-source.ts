import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Invocable } from './function-runner.ts';
import type { Message, Queue } from './queue.ts';
import type { EventSourceSpec } from './system.ts';
import { region } from './template.ts';

/**
 * How many batches of a standard queue run at once if the template gives no maximum: Lambda's
 * start.
 */
const usual_concurrency = 5;

const answerSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string().min(1) })).nullish() })
  .nullish();

/**
 * Hands a queue's messages to a function in batches, and deletes handled ones, as Lambda's event
 * source mapping does.
 */
export class EventSource {
  readonly #spec: EventSourceSpec;
  readonly #queue: Queue;
  readonly #runner: Invocable;
  #running = 0;

  constructor(spec: EventSourceSpec, queue: Queue, runner: Invocable) {
    this.#spec = spec;
    this.#queue = queue;
    this.#runner = runner;
    queue.on('available', () => this.#poll());
  }

  #poll(): void {
    while (this.#running < (this.#spec.maximum_concurrency ?? usual_concurrency)) {
      const batch = this.#queue.receive(this.#spec.batch_size);
      if (batch.length === 0) return;
      this.#running += 1;
      void this.#deliver(batch).finally(() => {
        this.#running -= 1;
        this.#poll();
      });
    }
  }

  async #deliver(batch: Message[]): Promise<void> {
    const failed = await this.#failures(batch);
    const left = batch.filter(({ message_id }) => failed.has(message_id));
    for (const message of batch) if (!left.includes(message)) this.#queue.delete(message);
    this.#queue.fail(left);
  }

  /**
   * Ids of messages that were not handled: all if the function failed or its answer makes no sense.
   */
  async #failures(batch: Message[]): Promise<Set<string>> {
    const all = new Set(batch.map(({ message_id }) => message_id));
    try {
      const answer = await this.#runner.invoke({ Records: batch.map((message) => toRecord(message, this.#spec)) });
      if (!this.#spec.report_batch_item_failures) return new Set();
      const { success, data } = answerSchema.safeParse(answer);
      if (!success) return all;
      const failed = (data?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
      return failed.every((id) => all.has(id)) ? new Set(failed) : all;
    } catch {
      // The runner has reported the reason.
      return all;
    }
  }
}

/** A record of Lambda's SQS event. */
function toRecord(message: Message, { queue_arn }: EventSourceSpec): object {
  const fifo =
    message.group_id === null
      ? {}
      : {
          SequenceNumber: message.sequence_number,
          MessageGroupId: message.group_id,
          MessageDeduplicationId: message.deduplication_id,
        };
  return {
    messageId: message.message_id,
    receiptHandle: `${message.message_id}#${message.receive_count}`,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receive_count),
      SentTimestamp: String(message.sent_at),
      SenderId: 'local',
      ApproximateFirstReceiveTimestamp: String(message.first_received_at),
      ...fifo,
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        {
          dataType: DataType,
          stringValue: StringValue,
          binaryValue: BinaryValue,
          stringListValues: [],
          binaryListValues: [],
        },
      ]),
    ),
    md5OfBody: createHash('md5').update(message.body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: queue_arn,
    awsRegion: region,
  };
}
