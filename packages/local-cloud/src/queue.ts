import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { QueueSpec } from './system.ts';

/** A message attribute of SQS's JSON protocol. */
export interface MessageAttribute {
  DataType: string;
  StringValue?: string | undefined;
  /** Base64. */
  BinaryValue?: string | undefined;
}

export interface NewMessage {
  body: string;
  attributes?: Record<string, MessageAttribute>;
  /** FIFO only. */
  group_id?: string;
  deduplication_id?: string;
  delay_s?: number;
}

const attribute_schema = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});

const message_schema = z.object({
  message_id: z.string(),
  body: z.string(),
  attributes: z.record(z.string(), attribute_schema),
  group_id: z.string().nullable(),
  deduplication_id: z.string().nullable(),
  sequence_number: z.string().nullable(),
  sent_at: z.number(),
  first_received_at: z.number().nullable(),
  receive_count: z.int(),
});

export type Message = z.infer<typeof message_schema>;

/** SQS refuses the message; `code` is SQS's name of the error. */
export class MessageRefused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'MessageRefused';
    this.code = code;
  }
}

export interface QueueCounts {
  waiting: number;
  in_flight: number;
}

const deduplication_ms = 5 * 60_000;
/**
 * The longest real time that a failed or delayed message stays invisible, whatever the template
 * says, so that nobody waits minutes.
 */
const longest_pause_ms = 1000;

/**
 * One SQS queue in memory. A FIFO queue keeps the order within each message group, and gives out a
 * group only if nothing of it is in flight. Emits `available` if there may be something to receive,
 * and `empty` if nothing is left.
 */
export class Queue extends EventEmitter<{ available: []; empty: [] }> {
  readonly spec: QueueSpec;
  readonly #clock: Clock;
  #waiting: Message[] = [];
  readonly #in_flight = new Set<Message>();
  /**
   * Failed or delayed messages: the counts call them in flight, and nobody can receive them yet.
   */
  readonly #pausing = new Set<Message>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #seen = new Map<string, { at: number; message: Message }>();
  #sequence = 0n;
  #dead_letters: Queue | null = null;

  constructor(spec: QueueSpec, clock: Clock) {
    super();
    this.spec = spec;
    this.#clock = clock;
  }

  get dead_letters(): Queue | null {
    return this.#dead_letters;
  }

  set dead_letters(queue: Queue | null) {
    this.#dead_letters = queue;
  }

  /** Counts messages that wait, and those received or paused. */
  counts(): QueueCounts {
    return { waiting: this.#waiting.length, in_flight: this.#in_flight.size + this.#pausing.size };
  }

  /**
   * Takes a message, or answers the first one with its deduplication id. Throws `MessageRefused`.
   */
  send(given: NewMessage): Message {
    const deduplication_id = this.#deduplicationId(given);
    const now = this.#clock.now();
    const scope = this.spec.deduplication_scope === 'messageGroup' ? given.group_id : '';
    const fingerprint = JSON.stringify([scope, deduplication_id]);
    const seen = this.#seen.get(fingerprint);
    if (seen !== undefined && now - seen.at < deduplication_ms) return seen.message;
    this.#sequence += 1n;
    const message: Message = {
      message_id: randomUUID(),
      body: given.body,
      attributes: given.attributes ?? {},
      group_id: this.spec.fifo ? (given.group_id ?? null) : null,
      deduplication_id,
      sequence_number: this.spec.fifo ? this.#sequence.toString().padStart(20, '0') : null,
      sent_at: now,
      first_received_at: null,
      receive_count: 0,
    };
    if (this.spec.fifo) this.#seen.set(fingerprint, { at: now, message });
    this.#accept(message, (given.delay_s ?? this.spec.delay_s) * 1000);
    return message;
  }

  /** Up to `most` messages, oldest first. They are in flight until `delete` or `fail`. */
  receive(most: number): Message[] {
    const busy = new Set([...this.#in_flight, ...this.#pausing].map(({ group_id }) => group_id));
    busy.delete(null);
    const received: Message[] = [];
    this.#waiting = this.#waiting.filter((message) => {
      if (received.length >= most || (message.group_id !== null && busy.has(message.group_id))) return true;
      received.push(message);
      return false;
    });
    const now = this.#clock.now();
    for (const message of received) {
      message.receive_count += 1;
      message.first_received_at ??= now;
      this.#in_flight.add(message);
    }
    return received;
  }

  /** The message was handled. */
  delete(message: Message): void {
    this.#in_flight.delete(message);
    this.#announce();
  }

  /**
   * These messages were not handled. They come back in their order, or move to the dead-letter
   * queue after their last try.
   */
  fail(messages: Message[]): void {
    for (const message of messages) {
      this.#in_flight.delete(message);
      const most = this.spec.redrive?.max_receive_count ?? Number.POSITIVE_INFINITY;
      if (this.#dead_letters !== null && message.receive_count >= most) this.#dead_letters.#accept(message, 0);
      else this.#pause(message, this.spec.visibility_timeout_s * 1000);
    }
    this.#announce();
  }

  /**
   * Moves the dead letters back, as if nobody had ever received them. Answers how many there were.
   */
  redrive(): number {
    const dead = this.#dead_letters?.receive(Number.POSITIVE_INFINITY) ?? [];
    for (const message of dead) {
      this.#dead_letters?.delete(message);
      this.#accept({ ...message, receive_count: 0, first_received_at: null }, 0);
    }
    return dead.length;
  }

  /** All messages, those in flight too. */
  save(): Message[] {
    const all = [...this.#in_flight, ...this.#pausing, ...this.#waiting];
    return all.sort((a, b) => (a.sequence_number ?? '').localeCompare(b.sequence_number ?? ''));
  }

  /** Puts back what `save` gave. Throws what zod throws when it is something else. */
  restore(saved: unknown): void {
    for (const message of z.array(message_schema).parse(saved)) {
      this.#waiting.push(message);
      const number = BigInt(message.sequence_number ?? 0);
      if (number > this.#sequence) this.#sequence = number;
    }
    this.#announce();
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async settled(): Promise<void> {
    while (!this.#isEmpty()) await once(this, 'empty');
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#waiting = [];
    this.removeAllListeners();
  }

  #deduplicationId({ group_id, deduplication_id, body }: NewMessage): string | null {
    if (!this.spec.fifo) return null;
    if (group_id === undefined) {
      throw new MessageRefused('MissingParameter', 'The request must contain the parameter MessageGroupId.');
    }
    if (deduplication_id !== undefined) return deduplication_id;
    if (this.spec.content_based_deduplication) return createHash('sha256').update(body).digest('hex');
    throw new MessageRefused(
      'InvalidParameterValue',
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }

  #accept(message: Message, delay_ms: number): void {
    if (delay_ms > 0) {
      this.#pause(message, delay_ms);
    } else {
      this.#waiting.push(message);
      this.#announce();
    }
  }

  #pause(message: Message, pause_ms: number): void {
    this.#pausing.add(message);
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#pausing.delete(message);
        this.#restore(message);
      },
      Math.min(pause_ms, longest_pause_ms),
    );
    this.#timers.add(timer);
  }

  /** Puts a message back in the order of age, so that a FIFO group keeps its order. */
  #restore(message: Message): void {
    const older = (other: Message) => (other.sequence_number ?? '') > (message.sequence_number ?? '');
    const index = this.spec.fifo ? this.#waiting.findIndex(older) : -1;
    if (index < 0) this.#waiting.push(message);
    else this.#waiting.splice(index, 0, message);
    this.#announce();
  }

  #isEmpty(): boolean {
    const { waiting, in_flight } = this.counts();
    return waiting + in_flight === 0;
  }

  #announce(): void {
    if (this.#waiting.length > 0) this.emit('available');
    else if (this.#isEmpty()) this.emit('empty');
  }
}
