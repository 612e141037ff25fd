import type { Instant, Milliseconds } from '../shared/domain/units.ts';

/** A clock for durations, in milliseconds. It runs on when the time of day is changed. */
export function stopwatch(): Milliseconds {
  return performance.now();
}

/**
 * The process's clock. Functions get the time as an argument; nothing else in them reads a clock.
 */
export function clock(): Instant {
  return Date.now();
}
