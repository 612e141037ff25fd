import { Temporal } from 'temporal-polyfill';

/** Reads a clock: milliseconds since 1970-01-01T00:00:00Z. */
export interface Clock {
  now(): number;
}

/** The time asked for cannot be reached. */
export class WrongTime extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongTime';
  }
}

/**
 * Real time plus an offset that only grows; it begins at the machine's time, or at a first moment
 * before or after it. Worker threads see the same clock through `offset_ms`, a shared 64-bit
 * integer.
 */
export class VirtualClock implements Clock {
  readonly offset_ms = new BigInt64Array(new SharedArrayBuffer(8));

  constructor(first_moment?: number) {
    if (first_moment !== undefined) Atomics.store(this.offset_ms, 0, BigInt(first_moment - Date.now()));
  }

  now(): number {
    return Date.now() + this.ahead_ms;
  }

  /** How far it is ahead of real time. */
  get ahead_ms(): number {
    return Number(Atomics.load(this.offset_ms, 0));
  }

  /** Goes on where another clock was. */
  restore(ahead_ms: number): void {
    Atomics.store(this.offset_ms, 0, BigInt(ahead_ms));
  }

  /** Moves to `instant`, or stays when it is past already. */
  moveTo(instant: number): void {
    const ahead_ms = Math.ceil(instant - this.now());
    if (ahead_ms > 0) Atomics.add(this.offset_ms, 0, BigInt(ahead_ms));
  }
}

const latest_year = 9999;

/**
 * `from` plus an ISO 8601 duration, in UTC by the calendar (31 January + P1M = the last of
 * February). Throws `WrongTime`.
 */
export function addDuration(from: number, iso_duration: string): number {
  try {
    const duration = Temporal.Duration.from(iso_duration);
    const start = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO('UTC');
    const end = start.add(duration);
    if (end.epochMilliseconds < from) throw new WrongTime(`${iso_duration} would turn the clock back`);
    if (end.year > latest_year) throw new WrongTime(`${iso_duration} goes beyond the year ${latest_year}`);
    return end.epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError)
      throw new WrongTime(`${iso_duration} is not an ISO 8601 duration such as P1M or PT90M`);
    throw error;
  }
}
