import { DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { accessApi } from '../../../functions/access/api.ts';
import { checkoutApi } from '../../../functions/checkout/api.ts';
import { composeWith, type Deps } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { rateLimit } from '../../../functions/reconciliation/rate-limit.ts';
import { reconciliationWorker } from '../../../functions/reconciliation/reconciliation-worker.ts';
import { sweepWorker } from '../../../functions/resets/sweep-worker.ts';
import { webhookApi } from '../../../functions/webhook/api.ts';
import { stripeEventWorker } from '../../../functions/webhook/event-worker.ts';
import type { ApiEvent } from '../../../shared/api/http.ts';
import type { BillingConfig } from '../../../shared/config/billing-config.ts';
import { planPrices } from '../../../shared/config/prices.ts';
import { openStripeGateway } from '../../../shared/stripe/gateway.ts';
import { openStripeLists } from '../../../shared/stripe/stripe-lists.ts';
import type { Chance } from './chance.ts';
import type { Faults } from './faults.ts';
import { type MemoryTables, tables } from './memory-tables.ts';
import { contextOf } from './requests.ts';
import type { NewMessage } from './simulated-queue.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';
import type { Timeline } from './timeline.ts';

export type Worker = 'stripe_events' | 'reconciliation' | 'sweep';
export type Api = 'credits' | 'access' | 'checkout' | 'webhook';

export const webhook_secret = 'whsec_sim';

interface Surroundings {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly memory: MemoryTables;
  readonly stripe: SimulatedStripe;
  readonly enqueue: (queue: Worker, message: NewMessage) => void;
  readonly config: BillingConfig;
  readonly faults: Faults;
}

/**
 * One running process with all functions: its own queues of commands, and a clock that is some
 * minutes off. It can be killed whenever it waits: at every call that it makes, in its own pauses,
 * and at any other moment of an invocation.
 */
export class SimulatedProcess {
  readonly deps: Deps;
  is_alive = true;
  readonly #surroundings: Surroundings;
  readonly #apis: Record<Api, ReturnType<typeof creditsApi>>;
  readonly #workers: Record<Worker, ReturnType<typeof stripeEventWorker>>;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const { timeline, chance, stripe, faults, config } = surroundings;
    const skew_ms = chance.between(-300_000, 300_000);
    const clock = () => timeline.now + skew_ms;
    const wait = (ms: number) =>
      new Promise<void>((resolve) => {
        if (this.is_alive && faults.strikes('killed')) timeline.after(ms / 2, () => this.#kill());
        timeline.after(ms, () => this.is_alive && resolve());
      });
    const client = Object.assign(DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' })), {
      send: (command: unknown) => this.#askDatabase(command),
    });
    const pace = { random: chance.random, wait, stopwatch: () => timeline.now };
    this.deps = composeWith({ database: { client, tables }, clock, config, pace });
    const access = {
      read_api_key: async () => 'sk_test_sim',
      is_production: false,
      http_client: stripe.client({ chance, faults, isAlive: () => this.is_alive, kill: () => this.#kill() }),
    };
    const queues = {
      events: { send: (message: NewMessage) => this.#send('stripe_events', message) },
      reconciliation: { send: (message: object) => this.#send('reconciliation', toMessage(message, 'one')) },
      sweep: {
        send: async (messages: readonly object[]) => {
          for (const message of messages) await this.#send('sweep', toMessage(message));
        },
      },
    };
    const { deps } = this;
    const selling = { ...deps, stripe: openStripeGateway(access, clock), is_production: false };
    const prices = planPrices(deps.config);
    this.#apis = {
      credits: creditsApi(deps),
      access: accessApi(deps),
      checkout: checkoutApi({ ...selling, app_url: 'https://app.example.com' }),
      webhook: webhookApi({ ...deps, read_webhook_secrets: async () => webhook_secret, queue: queues.events }),
    };
    this.#workers = {
      stripe_events: stripeEventWorker({ ...selling, prices }),
      sweep: sweepWorker(deps, queues.sweep),
      reconciliation: reconciliationWorker(
        {
          ...selling,
          prices,
          lists: openStripeLists(access),
          events: queues.events,
          next_call: rateLimit(10, { clock, wait }),
        },
        queues.reconciliation,
      ),
    };
  }

  /** The answer; never, when the process is killed. */
  answer(api: Api, event: ApiEvent) {
    const { timeline, chance } = this.#surroundings;
    this.#riskDeath();
    return this.#ifAlive(
      this.#apis[api](
        event,
        contextOf(chance, () => timeline.now, 30_000),
      ),
    );
  }

  work(worker: Worker, event: SQSEvent): Promise<SQSBatchResponse> {
    const { timeline, chance } = this.#surroundings;
    this.#riskDeath();
    return this.#ifAlive(
      this.#workers[worker](
        event,
        contextOf(chance, () => timeline.now, 140_000),
      ),
    );
  }

  #kill(): void {
    this.is_alive = false;
  }

  /** At any moment of an invocation, whatever it waits for then. */
  #riskDeath(): void {
    const { timeline, chance, faults } = this.#surroundings;
    if (faults.strikes('killed')) timeline.after(chance.between(1, 300), () => this.#kill());
  }

  #ifAlive<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (result) => this.is_alive && resolve(result),
        (error: unknown) => this.is_alive && reject(error),
      );
    });
  }

  #askDatabase(command: unknown): Promise<unknown> {
    const { faults, memory } = this.#surroundings;
    return this.#call(() => {
      if (faults.strikes('throttled')) throw throttled();
      if (command instanceof TransactWriteCommand && faults.strikes('conflict')) throw conflict(command);
      return memory.answer(command);
    });
  }

  async #send(queue: Worker, message: NewMessage): Promise<void> {
    await this.#call(() => this.#surroundings.enqueue(queue, message));
  }

  /**
   * Takes effect after a moment, or not at all, and is answered after another one, or by an error;
   * nobody hears of it in a killed process.
   */
  #call<T>(takeEffect: () => T): Promise<T> {
    const { timeline, chance, faults } = this.#surroundings;
    return new Promise((resolve, reject) => {
      // A timer of a package may wake up what has died.
      if (!this.is_alive) return;
      const answer = (settle: () => void) => timeline.after(chance.between(1, 20), () => this.is_alive && settle());
      timeline.after(chance.between(1, 20), () => {
        if (faults.strikes('killed')) this.#kill();
        if (faults.strikes('lost')) return answer(() => reject(unreachable()));
        const is_unanswered = faults.strikes('unanswered');
        try {
          const result = takeEffect();
          answer(() => (is_unanswered ? reject(unreachable()) : resolve(result)));
        } catch (error) {
          answer(() => reject(error));
        }
      });
    });
  }
}

function toMessage(message: object, group?: string): NewMessage {
  const body = JSON.stringify(message);
  return { body, group_id: group ?? body, deduplication_id: body };
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
