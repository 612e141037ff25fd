import { type VirtualClock, WrongTime } from './clock.ts';
import type { Schedules } from './schedules.ts';

/** Something that acts by itself at moments of the virtual clock. */
export interface TimedWorld {
  nextDueAt(): number | null;
  runDue(): Promise<void>;
}

export interface TimeTravelOptions {
  clock: VirtualClock;
  schedules: Schedules;
  world: TimedWorld | null;
  /** Resolves when everything that was started is done. */
  idle: () => Promise<void>;
}

const hour_ms = 3_600_000;
/** An advance takes time for each day on its way and cannot be stopped. */
const most_years = 20;
const longest_advance_ms = most_years * 366 * 24 * hour_ms;
/** How often schedules are checked in real time, while nobody advances the clock. */
const tick_ms = 200;

/**
 * Moves the virtual clock, so that everything that falls due on the way happens at its own moment.
 * During an advance of an hour or more, schedules more frequent than daily fire once a day and once
 * at the end, because what a sweep does depends on what is due, not on how often it looked.
 */
export class TimeTravel {
  readonly #options: TimeTravelOptions;
  readonly #timer: NodeJS.Timeout;
  #last: Promise<unknown> = Promise.resolve();
  #travelling = 0;
  #is_closed = false;

  constructor(options: TimeTravelOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      if (this.#travelling === 0) options.schedules.fireDue(false);
    }, tick_ms).unref();
  }

  /**
   * Moves to the moment that `target` makes of now. Advances run one after the other. Answers the
   * new now. Throws `WrongTime`.
   */
  advance(target: (now: number) => number): Promise<number> {
    const travel = this.#last.then(() => this.#travel(target));
    this.#last = travel.catch(() => {});
    return travel;
  }

  /** Runs something while the clock is not advanced and no schedule fires. */
  standStill<T>(run: () => Promise<T>): Promise<T> {
    const stand = this.#last.then(async () => {
      this.#travelling += 1;
      try {
        return await run();
      } finally {
        this.#travelling -= 1;
      }
    });
    this.#last = stand.catch(() => {});
    return stand;
  }

  close(): void {
    this.#is_closed = true;
    clearInterval(this.#timer);
  }

  async #travel(target: (now: number) => number): Promise<number> {
    const { clock, schedules, idle } = this.#options;
    this.#travelling += 1;
    try {
      await idle();
      const start = clock.now();
      const end = target(start);
      if (end < start) throw new WrongTime('the clock never goes back');
      if (end - start > longest_advance_ms) {
        throw new WrongTime(`the clock moves at most ${most_years} years at once: move it in several steps`);
      }
      const is_long = end - start >= hour_ms;
      for (let next = this.#nextAt(is_long); next !== null && next <= end; next = this.#nextAt(is_long)) {
        if (this.#is_closed) return clock.now();
        clock.moveTo(next);
        await this.#runDue(is_long);
      }
      clock.moveTo(end);
      if (is_long) schedules.fireFrequent();
      await idle();
      return clock.now();
    } finally {
      this.#travelling -= 1;
    }
  }

  #nextAt(coalesced: boolean): number | null {
    const moments = [this.#options.schedules.nextAt(coalesced), this.#options.world?.nextDueAt() ?? null];
    const known = moments.filter((at) => at !== null);
    return known.length === 0 ? null : Math.min(...known);
  }

  async #runDue(coalesced: boolean): Promise<void> {
    await this.#options.world?.runDue();
    this.#options.schedules.fireDue(coalesced);
    await this.#options.idle();
  }
}
