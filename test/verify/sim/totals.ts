import { type FaultCounts, fault_kinds, no_faults } from './faults.ts';

/** How many answers of each class of status; `none` are those that did not come in time. */
export type AnswerCounts = Readonly<Record<'2xx' | '4xx' | '5xx' | 'none', number>>;

/** What happened in a run, or in several. */
export interface Totals {
  /**
   * Requests, visits to Stripe's pages, what the seller does in the Dashboard, sweeps and
   * reconciliations.
   */
  readonly operations: number;
  /** Of clients, buyers and services; without Stripe's own deliveries. */
  readonly requests: number;
  /** Of Stripe's. */
  readonly events: number;
  readonly commits: number;
  /** To requests and to Stripe's deliveries. */
  readonly answers: AnswerCounts;
  readonly faults: FaultCounts;
}

export const nothing: Totals = {
  operations: 0,
  requests: 0,
  events: 0,
  commits: 0,
  answers: { '2xx': 0, '4xx': 0, '5xx': 0, none: 0 },
  faults: no_faults,
};

export function sumOf(a: Totals, b: Totals): Totals {
  return {
    operations: a.operations + b.operations,
    requests: a.requests + b.requests,
    events: a.events + b.events,
    commits: a.commits + b.commits,
    answers: added(a.answers, b.answers),
    faults: added(a.faults, b.faults),
  };
}

/** In one line. */
export function describe({ operations, requests, events, commits, answers, faults }: Totals): string {
  return [
    `${operations} operations with ${requests} requests, ${events} events of Stripe's, ${commits} commits`,
    `answers ${listOf(answers, ['2xx', '4xx', '5xx', 'none'])}`,
    `faults ${listOf(faults, fault_kinds)}`,
  ].join('; ');
}

function listOf<K extends string>(counts: Readonly<Record<K, number>>, keys: readonly K[]): string {
  return keys.map((key) => `${key} ${counts[key]}`).join(', ');
}

function added<K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>): Record<K, number> {
  const sum: Record<K, number> = { ...a };
  for (const key in sum) sum[key] += b[key];
  return sum;
}
