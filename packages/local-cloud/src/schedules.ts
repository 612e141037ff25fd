import { randomUUID } from 'node:crypto';
import type { Clock } from './clock.ts';
import { type NextFiring, readScheduleExpression } from './schedule-expression.ts';
import type { ScheduleSpec } from './system.ts';
import { account_number, region } from './template.ts';

/** Calls a schedule's target with its input. */
export type CallTarget = (target_arn: string, input: unknown) => Promise<void>;

interface Schedule {
  spec: ScheduleSpec;
  next: NextFiring;
  last_at: number;
}

const day_ms = 24 * 3_600_000;

/** Fires the template's schedules by the virtual clock. */
export class Schedules {
  readonly #clock: Clock;
  readonly #call: CallTarget;
  readonly #schedules: Schedule[];
  readonly #running = new Set<Promise<void>>();

  constructor(specs: ScheduleSpec[], clock: Clock, call: CallTarget) {
    this.#clock = clock;
    this.#call = call;
    const created_at = clock.now();
    this.#schedules = specs.map((spec) => ({
      spec,
      next: readScheduleExpression(spec.expression, created_at),
      last_at: created_at,
    }));
  }

  /** The number of firings whose target has not answered yet. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * When something fires next, or null. Coalesced, a schedule fires at most once a day: its first
   * moment that lies a day or more after its last one.
   */
  nextAt(coalesced: boolean): number | null {
    const moments = this.#schedules.map((schedule) => nextOf(schedule, coalesced)).filter((at) => at !== null);
    return moments.length === 0 ? null : Math.min(...moments);
  }

  /** Fires what is due, each schedule once, however often it was due. */
  fireDue(coalesced: boolean): void {
    const now = this.#clock.now();
    for (const schedule of this.#schedules) {
      const at = nextOf(schedule, coalesced);
      if (at !== null && at <= now) this.#fire(schedule, now);
    }
  }

  /** Fires the schedules that are more frequent than daily, due or not. */
  fireFrequent(): void {
    const now = this.#clock.now();
    for (const schedule of this.#schedules) {
      const natural = schedule.next(schedule.last_at);
      if (natural !== null && natural - schedule.last_at < day_ms) this.#fire(schedule, now);
    }
  }

  /** Waits for the called targets. A target that fails is reported, and not called again. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  #fire(schedule: Schedule, now: number): void {
    schedule.last_at = now;
    const running = this.#call(schedule.spec.target_arn, inputOf(schedule.spec, now))
      .catch(() => {})
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }
}

function nextOf({ next, last_at }: Schedule, coalesced: boolean): number | null {
  const natural = next(last_at);
  if (!coalesced || natural === null || natural - last_at >= day_ms) return natural;
  return next(last_at + day_ms - 1);
}

/**
 * The schedule's input with Scheduler's context attributes filled in, or what Scheduler sends when
 * there is none.
 */
function inputOf({ arn, input }: ScheduleSpec, now: number): unknown {
  const time = new Date(now).toISOString().replace(/\.\d+/, '');
  const execution_id = randomUUID();
  if (input === null) {
    return {
      version: '0',
      id: execution_id,
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: account_number,
      time,
      region,
      resources: [arn],
      detail: '{}',
    };
  }
  return JSON.parse(
    input
      .replaceAll('<aws.scheduler.schedule-arn>', arn)
      .replaceAll('<aws.scheduler.scheduled-time>', time)
      .replaceAll('<aws.scheduler.attempt-number>', '1')
      .replaceAll('<aws.scheduler.execution-id>', execution_id),
  );
}
