import Stripe from 'stripe';
import { stripe_event_types } from '../../shared/stripe/event-types.ts';
import { Auditor, Violation } from './auditor.ts';
import type { Chance } from './chance.ts';
import { type FaultRates, fault_kinds, most_faults, no_faults } from './faults.ts';
import { MemoryTables } from './memory-tables.ts';
import { type Api, SimulatedProcess, type Worker, webhook_secret } from './process.ts';
import { requestEvent } from './requests.ts';
import { SimulatedQueue } from './simulated-queue.ts';
import { SimulatedStripe } from './simulated-stripe.ts';
import type { Timeline } from './timeline.ts';

const minute_ms = 60_000;
const hour_ms = 60 * minute_ms;
const processes_count = 3;
/** A client gives up on an answer, and asks again. */
const patience_ms = 25_000;
/** Between Stripe's attempts to tell us of an event: three days in all. */
const attempts_after_ms = [minute_ms, 10 * minute_ms, hour_ms, 5 * hour_ms, 12 * hour_ms, 24 * hour_ms, 30 * hour_ms];

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** What a run takes place on: time, tables, queues, Stripe, and the processes that stand between them. */
export class Ground {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly auditor: Auditor;
  readonly memory: MemoryTables;
  readonly stripe: SimulatedStripe;
  /** Everything that happened, in its order. */
  readonly history: string[] = [];
  commits = 0;
  events = 0;
  faults: FaultRates;
  readonly #queues: Readonly<Record<Worker, SimulatedQueue>>;
  readonly #processes: SimulatedProcess[] = [];

  constructor(timeline: Timeline, chance: Chance, kinds: readonly (keyof FaultRates)[] = fault_kinds) {
    this.timeline = timeline;
    this.chance = chance;
    this.auditor = new Auditor(() => timeline.now);
    this.faults = drawnFaults(chance, kinds);
    this.memory = new MemoryTables((changes) => {
      this.commits += 1;
      const named = changes.map(({ table, after }) => `${table} ${JSON.stringify(after.entry_id ?? after.event_id)}`);
      this.tell(`commit ${named.join(', ')}`);
      this.auditor.take(changes);
    });
    this.stripe = new SimulatedStripe({ timeline, chance, tell: (event) => this.#hear(event) });
    const queue = (worker: Worker) =>
      new SimulatedQueue(timeline, chance, (event) => this.process().work(worker, event));
    this.#queues = {
      stripe_events: queue('stripe_events'),
      reconciliation: queue('reconciliation'),
      sweep: queue('sweep'),
    };
  }

  tell(what: string): void {
    this.history.push(`${new Date(this.timeline.now).toISOString()} ${what}`);
  }

  /** One of the running processes; a new one in the place of one that was killed. */
  process(): SimulatedProcess {
    const place = this.chance.between(0, processes_count - 1);
    const known = this.#processes[place];
    if (known?.is_alive) return known;
    const { timeline, chance, memory, stripe } = this;
    const fresh = new SimulatedProcess({
      timeline,
      chance,
      memory,
      stripe,
      faults: () => this.faults,
      enqueue: (queue, message) => this.#queues[queue].send(message),
    });
    this.#processes[place] = fresh;
    return fresh;
  }

  /** The answer; null when none comes in time. `onAnswer` hears of it however late it is. */
  ask(
    api: Api,
    event: ReturnType<typeof requestEvent>,
    onAnswer: (answer: Answered) => void,
  ): Promise<Answered | null> {
    const answered = this.process()
      .answer(api, event)
      .then(({ statusCode = 0, body = '' }) => {
        const answer = { status: statusCode, body };
        try {
          onAnswer(answer);
        } catch (error) {
          this.auditor.fail(error);
        }
        return answer;
      });
    answered.catch((error: unknown) => this.auditor.fail(error));
    return Promise.race([answered, this.timeline.wait(patience_ms).then(() => null)]);
  }

  sweep(): void {
    const { config } = this.process().parts;
    for (let shard = 0; shard < config.sweep.due_shards; shard += 1) {
      const has_due = this.memory.rowsOf('accounts').some(({ due_shard }) => due_shard === shard);
      if (!has_due) continue;
      const message = { body: JSON.stringify({ shard, cursor: null }), group_id: `shard_${shard}` };
      this.#queues.sweep.send({ ...message, deduplication_id: `${shard}@${this.timeline.now}` });
    }
  }

  reconcile(scope: 'due' | 'all'): void {
    const run_id = `run_${this.timeline.now}`;
    const body = JSON.stringify({ kind: 'begin', run_id, scope });
    this.#queues.reconciliation.send({ body, group_id: 'one', deduplication_id: run_id });
  }

  /** An event of Stripe's on its way to us: never, twice, late, and again until it is taken. */
  #hear(event: Stripe.Event): void {
    if (!stripe_event_types.some((type) => type === event.type)) return;
    this.events += 1;
    this.tell(`stripe: ${event.type} ${event.id}`);
    const { chance, faults } = this;
    if (chance.is(faults.dropped)) return;
    const payload = JSON.stringify(event);
    for (let copies = chance.is(faults.doubled) ? 2 : 1; copies > 0; copies -= 1) {
      const late_ms = chance.is(faults.late)
        ? chance.between(1, 300) * chance.oneOf([1_000, minute_ms, 10 * minute_ms])
        : 0;
      void this.#bring(payload, chance.between(1, 900) + late_ms);
    }
  }

  async #bring(payload: string, first_after_ms: number): Promise<void> {
    for (const pause_ms of [first_after_ms, ...attempts_after_ms]) {
      await this.timeline.wait(pause_ms);
      const timestamp = Math.floor(this.timeline.now / 1_000);
      const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: webhook_secret, timestamp });
      const request = requestEvent('POST /api/webhooks/stripe', payload, {
        headers: { 'stripe-signature': signature },
      });
      const answer = await this.ask('webhook', request, () => undefined);
      if (answer?.status === 200) return;
    }
  }

  /** An hour in which nothing goes wrong, and the operator does what the alarms ask for: outages end before Stripe forgets its events. */
  async recover(): Promise<void> {
    const { faults } = this;
    this.endFaults();
    await this.timeline.wait(hour_ms);
    this.reconcile('due');
    await this.timeline.wait(hour_ms);
    this.faults = faults;
  }

  /** Whatever still goes wrong from now on is our own doing. The operator redrives what went to the dead letters. */
  endFaults(): void {
    this.tell('no faults any more');
    this.faults = no_faults;
    for (const queue of Object.values(this.#queues)) queue.redrive();
  }

  /** A failure that no fault explains. */
  checkNoFailure(what: string, { status, body }: Answered): void {
    if (status === 500) throw new Violation('failure', `${what} was answered 500: ${body}`);
  }
}

function drawnFaults(chance: Chance, kinds: readonly (keyof FaultRates)[]): FaultRates {
  const rates = fault_kinds.map((kind) => {
    const drawn = chance.is(0.6) ? chance.random() * most_faults[kind] : 0;
    return [kind, kinds.includes(kind) ? drawn : 0] as const;
  });
  return { ...no_faults, ...Object.fromEntries(rates) };
}
