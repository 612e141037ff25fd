import { DeleteMessageBatchCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { composeWith, type Deps } from '../../../functions/composition.ts';
import { dispatchSweep } from '../../../functions/resets/dispatch-sweep.ts';
import { openSweepQueue, type SweepMessage, type SweepQueue } from '../../../functions/resets/sweep-queue.ts';
import { sweepWorker } from '../../../functions/resets/sweep-worker.ts';
import { dueShard } from '../../../shared/store/account-item.ts';
import { listEntries } from '../../../shared/store/entries.ts';
import { verifyLedger } from '../../../shared/store/verify-ledger.ts';
import { captureLog, lambdaContext } from '../../api/events.ts';
import { describeOnEngine, freshAccountId, newAccounts, pace, test_now } from '../../engines/engines.ts';

let logged: ReturnType<typeof captureLog>;
beforeEach(() => {
  logged = captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe('the sweep’s dispatcher', () => {
  const sqs = mockClient(SQSClient);
  beforeEach(() => {
    sqs.reset();
  });
  const queue = () => openSweepQueue('http://localhost/resets');

  test('sends one message per shard, ten at a time', async () => {
    sqs.on(SendMessageBatchCommand).resolves({});
    await dispatchSweep(queue(), 16);
    const batches = sqs.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => input);
    expect(batches.map(({ QueueUrl, Entries }) => [QueueUrl, Entries?.length])).toEqual([
      ['http://localhost/resets', 10],
      ['http://localhost/resets', 6],
    ]);
    const bodies = batches.flatMap(({ Entries = [] }) =>
      Entries.map(({ MessageBody = '' }) => JSON.parse(MessageBody)),
    );
    expect(bodies).toEqual(Array.from({ length: 16 }, (_, shard) => ({ shard, cursor: null })));
  });

  test('fails when the queue refuses a message, so the schedule tries again', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Failed: [{ Id: '3', Code: 'Throttled', SenderFault: false }] });
    await expect(dispatchSweep(queue(), 4)).rejects.toMatchObject({
      name: 'MessagesRefused',
      codes: ['Throttled'],
    });
    expect(sqs.commandCalls(DeleteMessageBatchCommand)).toEqual([]);
  });
});

describeOnEngine('the sweep’s worker', (database) => {
  // So many shards that no other test's account is in the one of a test here.
  const due_shards = 1_000;
  const next_month = Date.parse('2026-12-24T00:00:00.000Z');
  let shard = 500;
  beforeEach(() => {
    shard += 1;
  });

  /** As another process would have it. */
  function depsAt(now: number): Deps {
    const clock = () => now;
    return { ...composeWith({ database, clock }), accounts: newAccounts(database, { due_shards, clock }) };
  }

  function accountIdInShard(): string {
    for (;;) {
      const account_id = freshAccountId();
      if (dueShard(account_id, due_shards) === shard) return account_id;
    }
  }

  async function openAccounts(count: number): Promise<string[]> {
    const { accounts } = depsAt(test_now);
    const ids = Array.from({ length: count }, accountIdInShard);
    await Promise.all(ids.map((account_id) => accounts.read(account_id)));
    return ids;
  }

  function memoryQueue(): SweepQueue & { readonly sent: SweepMessage[] } {
    const sent: SweepMessage[] = [];
    return { sent, send: async (messages) => void sent.push(...messages) };
  }

  function eventOf(...messages: unknown[]): SQSEvent {
    return {
      Records: messages.map((message, index) => ({
        messageId: `m${index}`,
        receiptHandle: 'r',
        body: typeof message === 'string' ? message : JSON.stringify(message),
        attributes: {
          ApproximateReceiveCount: '1',
          SentTimestamp: '0',
          SenderId: 's',
          ApproximateFirstReceiveTimestamp: '0',
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn',
        awsRegion: 'us-east-1',
      })),
    };
  }

  const whole = () => eventOf({ shard, cursor: null });
  const in_time = lambdaContext('sweep', () => 120_000);
  const out_of_time = lambdaContext('sweep', () => 1_000);
  const all_done = { batchItemFailures: [] };
  const resetsOf = async (account_id: string) =>
    (await listEntries(database, account_id, { limit: 100, type: 'reset' })).entries.length;

  test('resets what is due, visibly in the ledger, and then finds nothing more to do', async () => {
    const ids = await openAccounts(50);
    const queue = memoryQueue();
    const worker = sweepWorker(depsAt(next_month), queue);
    expect(await worker(whole(), in_time)).toEqual(all_done);
    expect(await Promise.all(ids.map(resetsOf))).toEqual(ids.map(() => 2));
    expect(queue.sent).toEqual([]);
    expect(logged()).toContainEqual(expect.objectContaining({ message: 'shard swept', shard, swept: 50, failed: 0 }));
    await worker(whole(), in_time);
    expect(logged()).toContainEqual(expect.objectContaining({ message: 'shard swept', shard, swept: 0, failed: 0 }));
  });

  test('twice at once gives one reset each', async () => {
    const ids = await openAccounts(30);
    const workers = [1, 2].map(() => sweepWorker(depsAt(next_month), memoryQueue()));
    const answers = await Promise.all(workers.map((worker) => worker(whole(), in_time)));
    expect(answers).toEqual([all_done, all_done]);
    expect(await Promise.all(ids.map(resetsOf))).toEqual(ids.map(() => 2));
    for (const account_id of ids) {
      expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true, balance: 100 });
    }
  });

  test('hands the rest to a new message when its time runs out, which continues from there', async () => {
    const ids = await openAccounts(100);
    const queue = memoryQueue();
    let rounds = 0;
    for (let message: SweepMessage | undefined = { shard, cursor: null }; message !== undefined; rounds += 1) {
      expect(await sweepWorker(depsAt(next_month), queue)(eventOf(message), out_of_time)).toEqual(all_done);
      message = queue.sent.shift();
    }
    expect(rounds).toBe(3);
    expect(await Promise.all(ids.map(resetsOf))).toEqual(ids.map(() => 2));
  });

  test('twice at once from the middle of a shard gives one reset each', async () => {
    const ids = await openAccounts(100);
    const queue = memoryQueue();
    await sweepWorker(depsAt(next_month), queue)(whole(), out_of_time);
    const [rest] = queue.sent;
    expect(rest).toMatchObject({ shard, cursor: expect.anything() });
    const workers = [1, 2].map(() => sweepWorker(depsAt(next_month), memoryQueue()));
    // And once from the beginning: a message may come again.
    const events = [eventOf(rest), eventOf(rest), whole()];
    const answers = await Promise.all(
      [...workers, sweepWorker(depsAt(next_month), memoryQueue())].map((worker, n) =>
        worker(events[n] ?? whole(), in_time),
      ),
    );
    expect(answers).toEqual([all_done, all_done, all_done]);
    expect(await Promise.all(ids.map(resetsOf))).toEqual(ids.map(() => 2));
    for (const account_id of ids.slice(0, 10)) {
      expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true, balance: 100 });
    }
  });

  test('does the other accounts when one fails, and fails its message at the end', async () => {
    const ids = await openAccounts(5);
    const broken = accountIdInShard();
    const item = { account_id: broken, due_shard: shard, due_at: test_now, secret: 'canary' };
    await database.client.send(new PutCommand({ TableName: database.tables.accounts, Item: item }));
    const answer = await sweepWorker(depsAt(next_month), memoryQueue())(whole(), in_time);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(await Promise.all(ids.map(resetsOf))).toEqual(ids.map(() => 2));
    expect(logged()).toContainEqual(expect.objectContaining({ message: 'account not swept', account_id: broken }));
    expect(logged()).toContainEqual(expect.objectContaining({ AccountsSwept: 5, AccountsNotSwept: 1 }));
    expect(JSON.stringify(logged())).not.toContain('canary');
  });

  test('fails messages it cannot read, and no others', async () => {
    const [id = ''] = await openAccounts(1);
    const event = eventOf('{', { shard: -1, cursor: null }, { shard, cursor: null }, { shard });
    const { batchItemFailures } = await sweepWorker(depsAt(next_month), memoryQueue())(event, in_time);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['m0', 'm1', 'm3']);
    expect(await resetsOf(id)).toBe(2);
  });
});
