import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { VirtualClock } from '../src/clock.ts';
import { EventSource } from '../src/event-source.ts';
import { MessageRefused, Queue } from '../src/queue.ts';
import type { EventSourceSpec, QueueSpec } from '../src/system.ts';

const eventSchema = z.object({
  Records: z.array(
    z.object({
      messageId: z.string(),
      body: z.string(),
      attributes: z.object({ ApproximateReceiveCount: z.string(), MessageGroupId: z.string().optional() }),
    }),
  ),
});

type Records = z.infer<typeof eventSchema>['Records'];

/** A queue whose function is `handle`. */
function queueWith(handle: (records: Records) => unknown, given: Partial<QueueSpec & EventSourceSpec> = {}) {
  const clock = new VirtualClock();
  const spec: QueueSpec = {
    name: 'queue',
    url: 'http://queue',
    arn: 'arn:queue',
    fifo: false,
    content_based_deduplication: false,
    deduplication_scope: 'queue',
    // Failed messages come back at once.
    visibility_timeout_s: 0,
    delay_s: 0,
    redrive: null,
    ...given,
  };
  const source: EventSourceSpec = {
    queue_arn: spec.arn,
    function: 'function',
    batch_size: 10,
    report_batch_item_failures: true,
    maximum_concurrency: null,
    ...given,
  };
  const queue = new Queue(spec, clock);
  new EventSource(source, queue, { invoke: async (event) => handle(eventSchema.parse(event).Records) });
  return { queue, clock };
}

const bodies = (records: Records) => records.map(({ body }) => body);
const failures = (records: Records) => ({
  batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })),
});

describe('a FIFO queue', () => {
  const fifo = { fifo: true, batch_size: 2 };

  it('keeps the order within each group, with one batch per group in flight', async () => {
    const seen: Record<string, number[]> = { a: [], b: [], c: [] };
    const busy = new Set<string>();
    const { queue } = queueWith(async (records) => {
      const groups = new Set(records.map(({ attributes }) => attributes.MessageGroupId ?? ''));
      for (const group of groups) {
        expect(busy.has(group)).toBe(false);
        busy.add(group);
      }
      await new Promise((resolve) => setImmediate(resolve));
      for (const { body, attributes } of records) seen[attributes.MessageGroupId ?? '']?.push(Number(body));
      for (const group of groups) busy.delete(group);
    }, fifo);
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    for (const number of numbers) {
      for (const group_id of ['a', 'b', 'c']) {
        queue.send({ body: String(number), group_id, deduplication_id: `${group_id}${number}` });
      }
    }
    await queue.settled();
    expect(seen).toEqual({ a: numbers, b: numbers, c: numbers });
  });

  it('delivers a failed message again before the later ones of its group, and lets other groups pass', async () => {
    const seen: string[] = [];
    const { queue } = queueWith(
      (records) => {
        seen.push(...bodies(records));
        return failures(
          records.filter(({ body, attributes }) => body === 'a1' && attributes.ApproximateReceiveCount === '1'),
        );
      },
      { fifo: true, batch_size: 1 },
    );
    for (const body of ['a1', 'a2', 'b1']) queue.send({ body, group_id: body.slice(0, 1), deduplication_id: body });
    await queue.settled();
    expect(seen.filter((body) => body.startsWith('a'))).toEqual(['a1', 'a1', 'a2']);
    expect(seen.indexOf('b1')).toBeLessThan(seen.lastIndexOf('a1'));
  });

  it('accepts a deduplication id once in five minutes of the virtual clock', async () => {
    const seen: string[] = [];
    const { queue, clock } = queueWith((records) => void seen.push(...bodies(records)), fifo);
    const send = (body: string) => queue.send({ body, group_id: 'a', deduplication_id: 'same' });
    expect(send('first').message_id).toBe(send('again').message_id);
    clock.moveTo(clock.now() + 5 * 60_000);
    send('later');
    await queue.settled();
    expect(seen).toEqual(['first', 'later']);
  });

  it('deduplicates within the group if the template says so', async () => {
    const seen: string[] = [];
    const { queue } = queueWith((records) => void seen.push(...bodies(records)), {
      ...fifo,
      deduplication_scope: 'messageGroup',
    });
    for (const group_id of ['a', 'b', 'a']) queue.send({ body: group_id, group_id, deduplication_id: 'same' });
    await queue.settled();
    expect(seen.sort()).toEqual(['a', 'b']);
  });

  it('refuses a message without a group or without a deduplication id', () => {
    const { queue } = queueWith(() => null, fifo);
    expect(() => queue.send({ body: 'x', deduplication_id: 'x' })).toThrow(MessageRefused);
    expect(() => queue.send({ body: 'x', group_id: 'a' })).toThrow(MessageRefused);
    const by_content = queueWith(() => null, { ...fifo, content_based_deduplication: true }).queue;
    const send = () => by_content.send({ body: 'x', group_id: 'a' }).message_id;
    expect(send()).toBe(send());
  });
});

describe('a batch of messages', () => {
  it('comes back in part when the function reports single failures', async () => {
    const batches: string[][] = [];
    const { queue } = queueWith((records) => {
      batches.push(bodies(records));
      return failures(
        records.filter(({ attributes, body }) => body === 'bad' && attributes.ApproximateReceiveCount < '3'),
      );
    });
    queue.send({ body: 'good' });
    queue.send({ body: 'bad' });
    await queue.settled();
    expect(batches.flat().filter((body) => body === 'good')).toHaveLength(1);
    expect(batches.flat().filter((body) => body === 'bad')).toHaveLength(3);
  });

  it.each([
    ['the function throws', () => Promise.reject(new Error('broken'))],
    ['it reports what it was not given', () => ({ batchItemFailures: [{ itemIdentifier: 'unknown' }] })],
    ['it reports an empty id', () => ({ batchItemFailures: [{ itemIdentifier: '' }] })],
  ])('comes back whole when %s', async (_, failing) => {
    const seen: string[] = [];
    let tries = 0;
    const { queue } = queueWith((records) => {
      seen.push(...bodies(records));
      tries += 1;
      return tries === 1 ? failing() : null;
    });
    queue.send({ body: 'x' });
    await queue.settled();
    expect(seen).toEqual(['x', 'x']);
  });

  it('is done when the function answers, if no report is asked for', async () => {
    let tries = 0;
    const { queue } = queueWith(
      (records) => {
        tries += 1;
        return failures(records);
      },
      { report_batch_item_failures: false },
    );
    queue.send({ body: 'x' });
    await queue.settled();
    expect(tries).toBe(1);
  });
});

describe('a message that fails too often', () => {
  it('moves to the dead-letter queue, and later messages go on', async () => {
    const seen: string[] = [];
    const { queue } = queueWith(
      (records) => {
        seen.push(...bodies(records));
        return failures(records.filter(({ body }) => body === 'poison'));
      },
      { fifo: true, batch_size: 1, redrive: { dead_letter_arn: 'arn:dead', max_receive_count: 3 } },
    );
    const dead = new Queue({ ...queue.spec, redrive: null }, new VirtualClock());
    queue.dead_letters = dead;
    for (const body of ['poison', 'next']) queue.send({ body, group_id: 'a', deduplication_id: body });
    await queue.settled();
    expect(seen).toEqual(['poison', 'poison', 'poison', 'next']);
    expect(queue.counts()).toEqual({ waiting: 0, in_flight: 0 });
    expect(dead.counts()).toEqual({ waiting: 1, in_flight: 0 });
  });

  it('is redriven from the dead-letter queue with all its tries', async () => {
    const seen: string[] = [];
    let is_mended = false;
    const { queue } = queueWith(
      (records) => {
        seen.push(...bodies(records));
        return failures(is_mended ? [] : records);
      },
      { fifo: true, batch_size: 1, redrive: { dead_letter_arn: 'arn:dead', max_receive_count: 2 } },
    );
    const dead = new Queue({ ...queue.spec, redrive: null }, new VirtualClock());
    queue.dead_letters = dead;
    expect(queue.redrive()).toBe(0);
    for (const body of ['first', 'second']) queue.send({ body, group_id: 'a', deduplication_id: body });
    await queue.settled();
    expect(queue.redrive()).toBe(2);
    await queue.settled();
    is_mended = true;
    expect(queue.redrive()).toBe(2);
    await queue.settled();
    expect(seen).toEqual([
      ...tries('first'),
      ...tries('second'),
      ...tries('first'),
      ...tries('second'),
      'first',
      'second',
    ]);
    expect([queue.counts(), dead.counts()]).toEqual(Array(2).fill({ waiting: 0, in_flight: 0 }));
  });
});

/** A message that fails twice. */
function tries(body: string): string[] {
  return [body, body];
}
