import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { composeWith, type Parts } from '../../functions/composition.ts';
import { creditsApi } from '../../functions/credits/api.ts';
import type { Chance } from './chance.ts';
import { type MemoryTables, tables } from './memory-tables.ts';
import type { Timeline } from './timeline.ts';

/** How often what goes wrong, per call to the database. */
export interface FaultRates {
  /** It never arrives. */
  readonly lost: number;
  /** It takes effect, and the answer never comes. */
  readonly unanswered: number;
  readonly conflict: number;
  readonly throttled: number;
  /** The process is killed while it waits: nothing of it runs on, whatever became of the call. */
  readonly killed: number;
}

export const no_faults: FaultRates = { lost: 0, unanswered: 0, conflict: 0, throttled: 0, killed: 0 };

interface Surroundings {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly memory: MemoryTables;
  /** As they are at the moment. */
  readonly faults: () => FaultRates;
}

/** One running function: with its own cache and queues, and a clock that is some minutes off. It can be killed at every call. */
export class SimulatedProcess {
  readonly credits: ReturnType<typeof creditsApi>;
  readonly parts: Parts;
  is_alive = true;

  constructor({ timeline, chance, memory, faults }: Surroundings) {
    const skew_ms = chance.between(-300_000, 300_000);
    const wait = (ms: number) => new Promise<void>((resolve) => timeline.after(ms, () => this.is_alive && resolve()));
    const send = (command: unknown) =>
      new Promise((resolve, reject) => {
        const rates = faults();
        const answer = (settle: () => void) => timeline.after(chance.between(1, 20), () => this.is_alive && settle());
        timeline.after(chance.between(1, 20), () => {
          if (chance.is(rates.killed)) this.is_alive = false;
          if (chance.is(rates.lost)) return answer(() => reject(unreachable()));
          if (chance.is(rates.throttled)) return answer(() => reject(throttled()));
          if (command instanceof TransactWriteCommand && chance.is(rates.conflict)) {
            return answer(() => reject(conflict(command)));
          }
          const is_unanswered = chance.is(rates.unanswered);
          try {
            const result = memory.answer(command);
            answer(() => (is_unanswered ? reject(unreachable()) : resolve(result)));
          } catch (error) {
            answer(() => reject(error));
          }
        });
      });
    const client = Object.assign(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), { send });
    this.parts = composeWith({
      database: { client, tables },
      clock: () => timeline.now + skew_ms,
      pace: { random: chance.random, wait, stopwatch: () => timeline.now },
    });
    this.credits = creditsApi(this.parts);
  }
}

function unreachable(): Error {
  return Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' });
}

function throttled(): Error {
  return Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
}

function conflict({ input: { TransactItems = [] } }: TransactWriteCommand): Error {
  const reasons = TransactItems.map((_, place) => ({ Code: place === 0 ? 'TransactionConflict' : 'None' }));
  return new TransactionCanceledException({ message: 'conflict', $metadata: {}, CancellationReasons: reasons });
}
