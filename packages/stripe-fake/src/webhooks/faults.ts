/** How the fake misbehaves, until somebody changes it. */
export interface Faults {
  /** Deliver each event this many more times. */
  duplicate: number;
  /** Shuffle the deliveries of one action. */
  reorder: boolean;
  /** Never deliver this many next events. */
  drop: number;
  /**
   * Deliver no event before this moment (virtual epoch ms), and never deliver those events later.
   */
  drop_until: number | null;
  /** Answer 429 to this many next calls, before they do anything. */
  rate_limit: number;
  /** Answer 500 to this many next calls, before they do anything. */
  fail: number;
  /**
   * Do what this many next calls ask, and answer 500. The same idempotency key gets their real
   * answer.
   */
  fail_after: number;
}

export const NO_FAULTS: Readonly<Faults> = {
  duplicate: 0,
  reorder: false,
  drop: 0,
  drop_until: null,
  rate_limit: 0,
  fail: 0,
  fail_after: 0,
};
