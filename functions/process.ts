import type { Instant } from '../shared/domain/units.ts';

/** The process's clock. Whatever needs the time is given it: nothing else in the functions reads it. */
export function clock(): Instant {
  return Date.now();
}
