/** How the fake misbehaves, until it is told otherwise. */
export interface Faults {
  /** Each event is delivered so many more times. */
  duplicate: number;
  /** The deliveries of one action are shuffled. */
  reorder: boolean;
  /** So many next events are never delivered. */
  drop: number;
  /** No event is delivered, now or later, and no delivery is tried again before this moment (virtual epoch ms). */
  drop_until: number | null;
  /** So many next API calls answer 429, before they do anything. */
  rate_limit: number;
  /** So many next API calls answer 500, before they do anything. */
  fail: number;
  /** So many next API calls answer 500 when they are done. The same idempotency key gets what they would have answered. */
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
