import type { ApiEvent } from '../../../shared/api/http.ts';
import type { BillingConfig } from '../../../shared/config/billing-config.ts';
import { toCatalog } from '../../../shared/config/to-catalog.ts';
import { Violation } from './audited.ts';
import { Auditor } from './auditor.ts';
import type { Chance } from './chance.ts';
import { Deliveries } from './deliveries.ts';
import { type FaultKind, Faults, fault_kinds } from './faults.ts';
import { type Item, MemoryTables } from './memory-tables.ts';
import { offers } from './offers.ts';
import { type Api, SimulatedProcess, type Worker } from './process.ts';
import { SimulatedQueue } from './simulated-queue.ts';
import { SimulatedStripe } from './simulated-stripe.ts';
import type { Timeline } from './timeline.ts';
import { type AnswerCounts, nothing, type Totals } from './totals.ts';

const hour_ms = 3_600_000;
const processes_count = 3;
/** A client gives up on an answer, and asks again. */
const patience_ms = 25_000;

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/**
 * What a run takes place on: time, tables, queues, Stripe, and the processes that stand between
 * them.
 */
export class Ground {
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly auditor: Auditor;
  readonly memory: MemoryTables;
  readonly stripe: SimulatedStripe;
  /** Everything that happened, in its order. */
  readonly history: string[] = [];
  readonly config: BillingConfig;
  readonly faults: Faults;
  #counts: Pick<Totals, 'operations' | 'requests' | 'events' | 'commits'> = nothing;
  #answers: AnswerCounts = nothing.answers;
  readonly #deliveries: Deliveries;
  readonly #queues: Readonly<Record<Worker, SimulatedQueue>>;
  readonly #processes: SimulatedProcess[] = [];

  constructor(timeline: Timeline, chance: Chance, kinds: readonly FaultKind[] = fault_kinds) {
    this.timeline = timeline;
    this.chance = chance;
    this.config = chance.oneOf(offers);
    this.auditor = new Auditor({
      catalog: toCatalog(this.config),
      now: () => timeline.now,
      ownerOf: (event_id) => this.#deliveries.ownerOf(event_id),
    });
    this.faults = new Faults(chance, kinds);
    this.#deliveries = new Deliveries(this);
    this.memory = new MemoryTables((changes) => {
      this.count('commits');
      const named = changes.map(({ table, after }) => `${table} ${nameOf(after)}`);
      this.tell(`commit ${named.join(', ')}`);
      this.auditor.take(changes);
    });
    this.stripe = new SimulatedStripe({
      timeline,
      chance,
      config: this.config,
      tell: (event) => this.#deliveries.take(event),
    });
    const queue = (worker: Worker) =>
      new SimulatedQueue(timeline, chance, (event) => this.process().work(worker, event));
    this.#queues = {
      stripe_events: queue('stripe_events'),
      reconciliation: queue('reconciliation'),
      sweep: queue('sweep'),
    };
  }

  get totals(): Totals {
    return { ...this.#counts, answers: this.#answers, faults: this.faults.struck };
  }

  count(what: 'operations' | 'requests' | 'events' | 'commits'): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + 1 };
  }

  tell(what: string): void {
    this.history.push(`${new Date(this.timeline.now).toISOString()} ${what}`);
  }

  /** One of the running processes; a new one in the place of one that was killed. */
  process(): SimulatedProcess {
    const place = this.chance.between(0, processes_count - 1);
    const known = this.#processes[place];
    if (known?.is_alive) return known;
    const { timeline, chance, memory, stripe, config, faults } = this;
    const fresh = new SimulatedProcess({
      timeline,
      chance,
      memory,
      stripe,
      config,
      faults,
      enqueue: (queue, message) => this.#queues[queue].send(message),
    });
    this.#processes[place] = fresh;
    return fresh;
  }

  /** The answer; null when none comes in time. `onAnswer` hears of it however late it is. */
  ask(api: Api, event: ApiEvent, onAnswer: (answer: Answered) => void): Promise<Answered | null> {
    const answered = this.process()
      .answer(api, event)
      .then(({ statusCode = 0, body = '' }) => {
        const answer = { status: statusCode, body };
        this.#countAnswer(statusCode < 300 ? '2xx' : statusCode < 500 ? '4xx' : '5xx');
        try {
          onAnswer(answer);
        } catch (error) {
          this.auditor.fail(error);
        }
        return answer;
      });
    answered.catch((error: unknown) => this.auditor.fail(error));
    return Promise.race([answered, this.#giveUp(answered)]);
  }

  /** What a client of the API asks for. */
  request(
    api: Exclude<Api, 'webhook'>,
    event: ApiEvent,
    onAnswer: (answer: Answered) => void,
  ): Promise<Answered | null> {
    this.count('requests');
    this.count('operations');
    return this.ask(api, event, onAnswer);
  }

  async #giveUp(answered: Promise<Answered>): Promise<null> {
    let is_answered = false;
    answered.then(
      () => {
        is_answered = true;
      },
      () => undefined,
    );
    await this.timeline.wait(patience_ms);
    if (!is_answered) this.#countAnswer('none');
    return null;
  }

  #countAnswer(which: keyof AnswerCounts): void {
    this.#answers = { ...this.#answers, [which]: this.#answers[which] + 1 };
  }

  sweep(): void {
    const { config } = this.process().deps;
    for (let shard = 0; shard < config.sweep.due_shards; shard += 1) {
      const has_due = this.memory.rowsOf('accounts').some(({ due_shard }) => due_shard === shard);
      if (!has_due) continue;
      this.count('operations');
      const message = { body: JSON.stringify({ shard, cursor: null }), group_id: `shard_${shard}` };
      this.#queues.sweep.send({ ...message, deduplication_id: `${shard}@${this.timeline.now}` });
    }
  }

  reconcile(scope: 'due' | 'all'): void {
    this.count('operations');
    const run_id = `run_${this.timeline.now}`;
    const body = JSON.stringify({ kind: 'begin', run_id, scope });
    this.#queues.reconciliation.send({ body, group_id: 'one', deduplication_id: run_id });
  }

  /**
   * An hour in which nothing goes wrong, and the operator does what the alarms ask for: outages end
   * before Stripe forgets its events.
   */
  async recover(): Promise<void> {
    this.endFaults();
    await this.timeline.wait(hour_ms);
    this.reconcile('due');
    await this.timeline.wait(hour_ms);
    this.faults.are_over = false;
  }

  /**
   * Whatever still goes wrong from now on is our own doing. The operator redrives what went to the
   * dead letters.
   */
  endFaults(): void {
    this.tell('no faults any more');
    this.faults.are_over = true;
    for (const queue of Object.values(this.#queues)) queue.redrive();
  }

  /** A failure that no fault explains. */
  checkNoFailure(what: string, { status, body }: Answered): void {
    if (status === 500) throw new Violation('failure', `${what} was answered 500: ${body}`);
  }
}

function nameOf({ entry_id, event_id, request_key, feature_day, part_key, account_id }: Item): string {
  return String(entry_id ?? event_id ?? request_key ?? feature_day ?? part_key ?? account_id);
}
