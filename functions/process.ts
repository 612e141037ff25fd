import type { Instant, Milliseconds } from '../shared/domain/units.ts';

/** A clock for durations: whatever the time of day does, it runs on. Milliseconds. */
export function stopwatch(): Milliseconds {
  return performance.now();
}

/** The process's clock. Whatever needs the time is given it: nothing else in the functions reads it. */
export function clock(): Instant {
  return Date.now();
}
