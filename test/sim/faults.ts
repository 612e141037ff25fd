/** How often what goes wrong, per call that a process makes, or per event of Stripe's. */
export interface FaultRates {
  /** The call never arrives. */
  readonly lost: number;
  /** It takes effect, and the answer never comes. */
  readonly unanswered: number;
  readonly conflict: number;
  readonly throttled: number;
  /** The process is killed while it waits: nothing of it runs on, whatever became of the call. */
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
] as const satisfies readonly (keyof FaultRates)[];

export const no_faults: FaultRates = {
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
export const most_faults: FaultRates = {
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
