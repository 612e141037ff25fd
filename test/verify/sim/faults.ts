import type { Chance } from './chance.ts';

/** How often what goes wrong, per call that a process makes, or per event of Stripe's. */
export interface FaultRates {
  /** The call never arrives. */
  readonly lost: number;
  /** It takes effect, and the answer never comes. */
  readonly unanswered: number;
  readonly conflict: number;
  readonly throttled: number;
  /**
   * The process is killed while it waits, for an answer or for its own timer: nothing of it runs
   * on, whatever became of a call.
   */
  readonly killed: number;
  /** Stripe answers 500 before it does anything, or when it is done. */
  readonly failing: number;
  /** Stripe tells nobody of an event, ever. */
  readonly dropped: number;
  /** Stripe tells of an event twice. */
  readonly doubled: number;
  /** Stripe tells of an event minutes to days late. */
  readonly late: number;
}

export type FaultKind = keyof FaultRates;

export const fault_kinds = [
  'lost',
  'unanswered',
  'conflict',
  'throttled',
  'killed',
  'failing',
  'dropped',
  'doubled',
  'late',
] as const satisfies readonly FaultKind[];

/** How many of each kind. */
export type FaultCounts = Readonly<Record<FaultKind, number>>;

export const no_faults: FaultRates & FaultCounts = {
  lost: 0,
  unanswered: 0,
  conflict: 0,
  throttled: 0,
  killed: 0,
  failing: 0,
  dropped: 0,
  doubled: 0,
  late: 0,
};

/** The most that each is drawn at. */
const most_faults: FaultRates = {
  lost: 0.15,
  unanswered: 0.2,
  conflict: 0.3,
  throttled: 0.2,
  killed: 0.1,
  failing: 0.2,
  dropped: 0.3,
  doubled: 0.3,
  late: 0.4,
};

/** What goes wrong in a run, as often as its seed has drawn. */
export class Faults {
  /** Whether nothing goes wrong at the moment. */
  are_over = false;
  struck: FaultCounts = no_faults;
  readonly #chance: Chance;
  readonly #rates: FaultRates;

  constructor(chance: Chance, kinds: readonly FaultKind[]) {
    this.#chance = chance;
    const drawn = fault_kinds.map((kind) => {
      const rate = chance.is(0.6) ? chance.random() * most_faults[kind] : 0;
      return [kind, kinds.includes(kind) ? rate : 0] as const;
    });
    this.#rates = { ...no_faults, ...Object.fromEntries(drawn) };
  }

  /** Whether it goes wrong now; where only a share of these faults can strike, that often. */
  strikes(kind: FaultKind, share = 1): boolean {
    const strikes = this.#chance.is(this.are_over ? 0 : this.#rates[kind] * share);
    if (strikes) this.struck = { ...this.struck, [kind]: this.struck[kind] + 1 };
    return strikes;
  }
}
