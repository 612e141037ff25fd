import { afterEach, describe, expect, it } from 'vitest';
import { addDuration, VirtualClock, WrongTime } from '../src/clock.ts';
import { readScheduleExpression } from '../src/schedule-expression.ts';
import { Schedules } from '../src/schedules.ts';
import { TemplateNotSupported } from '../src/template.ts';
import { type TimedWorld, TimeTravel } from '../src/time-travel.ts';

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
const at = (iso: string) => Date.parse(iso);

describe('durations are added by the calendar, in UTC', () => {
  it.each([
    ['2027-01-31T10:00:00Z', 'P1M', '2027-02-28T10:00:00.000Z'],
    ['2028-01-31T10:00:00Z', 'P1M', '2028-02-29T10:00:00.000Z'],
    ['2027-12-31T23:00:00Z', 'PT90M', '2028-01-01T00:30:00.000Z'],
    ['2027-03-27T12:00:00Z', 'P1D', '2027-03-28T12:00:00.000Z'],
    ['2027-01-01T00:00:00Z', 'P1Y2M3DT4H', '2028-03-04T04:00:00.000Z'],
    ['2027-01-01T00:00:00Z', 'PT0S', '2027-01-01T00:00:00.000Z'],
  ])('%s + %s', (from, duration, expected) => {
    expect(new Date(addDuration(at(from), duration)).toISOString()).toBe(expected);
  });

  it.each(['', '1 month', 'P', '-P1D', 'P9000Y'])('%j is refused', (duration) => {
    expect(() => addDuration(at('2027-01-01T00:00:00Z'), duration)).toThrow(WrongTime);
  });
});

describe('schedule expressions', () => {
  const created = at('2027-01-01T00:10:00Z');
  it.each([
    ['rate(1 hour)', '2027-01-01T00:10:00Z', '2027-01-01T01:10:00.000Z'],
    ['rate(15 minutes)', '2027-01-01T05:00:00Z', '2027-01-01T05:10:00.000Z'],
    ['rate(2 days)', '2027-01-02T00:00:00Z', '2027-01-03T00:10:00.000Z'],
    ['at(2027-05-01T08:00:00)', '2027-01-01T00:00:00Z', '2027-05-01T08:00:00.000Z'],
    ['cron(0 3 * * ? *)', '2027-01-01T03:00:00Z', '2027-01-02T03:00:00.000Z'],
    ['cron(0/20 9-17 ? * MON-FRI *)', '2027-01-01T17:40:00Z', '2027-01-04T09:00:00.000Z'],
    ['cron(30 12 29 FEB ? *)', '2027-01-01T00:00:00Z', '2028-02-29T12:30:00.000Z'],
    ['cron(0 0 1 1,7 ? 2027)', '2027-01-01T00:00:00Z', '2027-07-01T00:00:00.000Z'],
  ])('%s has its next moment after %s', (expression, after, expected) => {
    const next = readScheduleExpression(expression, created)(at(after));
    expect(next === null ? null : new Date(next).toISOString()).toBe(expected);
  });

  it('that are over have no next moment', () => {
    expect(readScheduleExpression('at(2027-01-01T00:00:00)', created)(created)).toBeNull();
    expect(readScheduleExpression('cron(0 0 1 1 ? 2020)', created)(created)).toBeNull();
  });

  it.each(['rate(0 hours)', 'rate(1 week)', 'cron(0 3 L * ? *)', 'cron(0 3 * *)', 'cron(61 * * * ? *)', 'often'])(
    '%s is refused',
    (expression) => {
      expect(() => readScheduleExpression(expression, created)).toThrow(TemplateNotSupported);
    },
  );
});

describe('the first moment of a clock', () => {
  it.each(['2000-02-29T23:59:59.000Z', '2999-12-31T00:00:00.000Z'])('may be %s', (iso) => {
    const clock = new VirtualClock(at(iso));
    expect(clock.now()).toBeGreaterThanOrEqual(at(iso));
    expect(clock.now()).toBeLessThan(at(iso) + hour_ms);
    clock.moveTo(at(iso) + day_ms);
    expect(clock.now()).toBeGreaterThanOrEqual(at(iso) + day_ms);
  });
});

const travels: TimeTravel[] = [];

afterEach(() => {
  for (const travel of travels.splice(0)) travel.close();
});

/**
 * A clock to travel on, with one hourly schedule and a world of moments. `offsets` say what
 * happened, since the start.
 */
function journey(moments_ms: number[] = [], expression = 'rate(1 hour)') {
  const clock = new VirtualClock();
  const start = clock.now();
  const happened: { what: string; after_ms: number }[] = [];
  const record = (what: string) => happened.push({ what, after_ms: clock.now() - start });
  const due = moments_ms.map((after) => start + after).sort((a, b) => a - b);
  const world: TimedWorld = {
    nextDueAt: () => due[0] ?? null,
    runDue: async () => {
      while ((due[0] ?? Number.POSITIVE_INFINITY) <= clock.now()) {
        due.shift();
        record('world');
      }
    },
  };
  const spec = { name: 'hourly', arn: 'arn:schedule', expression, target_arn: 'arn:target', input: null };
  const schedules = new Schedules([spec], clock, async () => void record('schedule'));
  const idle = async () => {
    await schedules.settled();
    record('idle');
  };
  const travel = new TimeTravel({ clock, schedules, world, idle });
  travels.push(travel);
  const of = (what: string) => happened.filter((it) => it.what === what).map(({ after_ms }) => after_ms);
  return { clock, travel, happened, of };
}

/** Real time passes too while the virtual clock moves. */
const slack_ms = 20_000;
const about = (expected_ms: number[]) =>
  expected_ms.map((ms) => expect.toSatisfy((got: number) => got >= ms && got < ms + slack_ms));

describe('advance the clock', () => {
  it('does everything at its own moment and waits for it before the next', async () => {
    const { travel, of, happened } = journey([2 * hour_ms, 40 * hour_ms, 2 * hour_ms + 1]);
    await travel.advance((now) => now + 48 * hour_ms);
    expect(of('world')).toEqual(about([2 * hour_ms, 2 * hour_ms + 1, 40 * hour_ms]));
    for (const [index, { what }] of happened.entries()) {
      if (what !== 'idle') expect(happened.slice(index).some((later) => later.what === 'idle')).toBe(true);
    }
  });

  it('leaves what is due later', async () => {
    const { travel, of } = journey([3 * day_ms]);
    await travel.advance((now) => now + 2 * day_ms);
    expect(of('world')).toEqual([]);
    await travel.advance((now) => now + day_ms + 1);
    expect(of('world')).toEqual(about([3 * day_ms]));
  });

  it('runs an hourly schedule once a day and at the end', async () => {
    const { travel, of } = journey();
    const end_ms = 3 * day_ms + 5 * hour_ms;
    await travel.advance((now) => now + end_ms);
    expect(of('schedule')).toEqual(about([day_ms, 2 * day_ms, 3 * day_ms, end_ms]));
  });

  it('runs it by its own rhythm when the advance is short', async () => {
    const { travel, of } = journey();
    await travel.advance((now) => now + 0.9 * hour_ms);
    expect(of('schedule')).toEqual([]);
    await travel.advance((now) => now + 0.9 * hour_ms);
    expect(of('schedule')).toEqual(about([hour_ms]));
  });

  it('runs a daily schedule only when it is due', async () => {
    const { travel, of } = journey([], 'rate(1 day)');
    await travel.advance((now) => now + 2.5 * day_ms);
    expect(of('schedule')).toEqual(about([day_ms, 2 * day_ms]));
  });

  it('is refused into the past', async () => {
    const { travel, clock } = journey();
    const before = clock.now();
    await expect(travel.advance((now) => now - 1)).rejects.toThrow(WrongTime);
    expect(clock.now()).toBeGreaterThanOrEqual(before);
  });

  it('is refused beyond 20 years', async () => {
    const { travel, clock, happened } = journey([], 'at(2000-01-01T00:00:00)');
    const before = clock.now();
    await expect(travel.advance(() => at('9999-12-31T23:59:59Z'))).rejects.toThrow(/at most 20 years at once/);
    await expect(travel.advance((now) => addDuration(now, 'P21Y'))).rejects.toThrow(WrongTime);
    expect(clock.now()).toBeLessThan(before + day_ms);
    expect(happened.filter(({ what }) => what !== 'idle')).toEqual([]);
    expect(await travel.advance((now) => addDuration(now, 'P20Y'))).toBeGreaterThanOrEqual(addDuration(before, 'P20Y'));
  });

  it('waits for the advance before it', async () => {
    const { travel, clock } = journey([hour_ms, day_ms + hour_ms]);
    const start = clock.now();
    const ends = await Promise.all([1, 2, 3].map(() => travel.advance((now) => now + day_ms)));
    expect(ends.map((end) => end - start)).toEqual(about([day_ms, 2 * day_ms, 3 * day_ms]));
  });
});

it('schedules run by the virtual clock without an advance', async () => {
  const { clock, of } = journey();
  clock.moveTo(clock.now() + hour_ms);
  await expect.poll(() => of('schedule')).toEqual(about([hour_ms]));
});
