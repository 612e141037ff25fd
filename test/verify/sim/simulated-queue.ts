import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Chance } from './chance.ts';
import type { Timeline } from './timeline.ts';

export interface NewMessage {
  readonly body: string;
  /** Those of one group are worked on in their order, one invocation at a time. */
  readonly group_id: string;
  readonly deduplication_id: string;
}

interface Message extends NewMessage {
  readonly message_id: string;
  receive_count: number;
}

const deduplication_ms = 5 * 60_000;
const receive_count_max = 5;
const minute_ms = 60_000;

/**
 * One FIFO queue and what polls it. Messages of an invocation that fails, or of which nothing is
 * heard, come again; after the fifth time they are dead letters.
 */
export class SimulatedQueue {
  readonly #timeline: Timeline;
  readonly #chance: Chance;
  readonly #invoke: (event: SQSEvent) => Promise<SQSBatchResponse>;
  readonly #waiting: Message[] = [];
  readonly #busy = new Set<string>();
  readonly #seen = new Map<string, number>();
  readonly #dead_letters: Message[] = [];
  #sent = 0;

  /** `invoke` may never settle: then its messages are visible again after a while. */
  constructor(timeline: Timeline, chance: Chance, invoke: (event: SQSEvent) => Promise<SQSBatchResponse>) {
    this.#timeline = timeline;
    this.#chance = chance;
    this.#invoke = invoke;
  }

  send(message: NewMessage): void {
    const { deduplication_id } = message;
    const seen_at = this.#seen.get(deduplication_id);
    if (seen_at !== undefined && this.#timeline.now - seen_at < deduplication_ms) return;
    this.#seen.set(deduplication_id, this.#timeline.now);
    this.#sent += 1;
    this.#waiting.push({ ...message, message_id: `m${this.#sent}`, receive_count: 0 });
    this.#pollSoon(this.#chance.between(1, 50));
  }

  /** What an operator does about dead letters once the cause of the alarm is gone. */
  redrive(): void {
    for (const message of this.#dead_letters.splice(0)) this.#waiting.push({ ...message, receive_count: 0 });
    this.#pollSoon(1);
  }

  #pollSoon(ms: number): void {
    this.#timeline.after(ms, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    const free = this.#waiting
      .filter(({ group_id }) => !this.#busy.has(group_id))
      .slice(0, this.#chance.between(1, 10));
    if (free.length === 0) return;
    const groups = new Set(free.map(({ group_id }) => group_id));
    for (const group of groups) this.#busy.add(group);
    for (const message of free) message.receive_count += 1;
    const heard_nothing = this.#timeline.wait(12 * minute_ms).then(() => null);
    const answered = this.#invoke(eventOf(free)).catch(() => null);
    const answer = await Promise.race([answered, heard_nothing]);
    const failed = new Set(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const message of free) {
      const has_failed = answer === null || failed.has(message.message_id);
      if (has_failed && message.receive_count < receive_count_max) continue;
      this.#waiting.splice(this.#waiting.indexOf(message), 1);
      if (has_failed) this.#dead_letters.push(message);
    }
    // What failed is invisible until its time is over, and keeps its group waiting.
    if (answer === null || failed.size > 0) await this.#timeline.wait(this.#chance.between(1, 12) * minute_ms);
    for (const group of groups) this.#busy.delete(group);
    if (this.#waiting.length > 0) this.#pollSoon(1);
  }
}

function eventOf(messages: readonly Message[]): SQSEvent {
  const records = messages.map(({ message_id, body, group_id, receive_count }) => ({
    messageId: message_id,
    receiptHandle: message_id,
    body,
    attributes: {
      ApproximateReceiveCount: String(receive_count),
      SentTimestamp: '0',
      SenderId: 'sim',
      ApproximateFirstReceiveTimestamp: '0',
      MessageGroupId: group_id,
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:1:sim.fifo',
    awsRegion: 'us-east-1',
  }));
  return { Records: records };
}
