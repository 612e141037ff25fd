import type { Clock } from './world.ts';

/** A clock that stands still unless you move it. */
export class ManualClock implements Clock {
  #now: number;

  /** Starts at an ISO 8601 moment. */
  constructor(start: string) {
    this.#now = Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  /** Moves to a moment, in milliseconds since 1970-01-01T00:00:00Z. */
  set(now: number): void {
    this.#now = now;
  }
}
