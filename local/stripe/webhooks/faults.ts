/** How the fake misbehaves, until it is told otherwise. */
export interface Faults {
  /** Each event is delivered so many more times. */
  duplicate: number;
  /** The deliveries of one action are shuffled. */
  reorder: boolean;
  /** So many next events are never delivered. */
  drop: number;
  /** So many next API calls answer 500, before they do anything. */
  fail: number;
}

export const NO_FAULTS: Readonly<Faults> = { duplicate: 0, reorder: false, drop: 0, fail: 0 };
