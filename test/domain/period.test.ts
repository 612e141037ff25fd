import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import { periodEnd, periodIndexAt, periodIndexFrom, periodStart } from '../../shared/domain/period.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { instant } from './fixtures.ts';

const instants = fc.date({
  min: new Date('1999-01-01T00:00:00Z'),
  max: new Date('2101-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
/** Where the months differ: the last days of a month, of February in leap years, of the year. */
const edges = fc
  .record({
    year: fc.constantFrom(2023, 2024, 2027, 2028, 2100),
    month: fc.constantFrom(1, 2, 3, 4, 12),
    day: fc.integer({ min: 28, max: 31 }),
    ms: fc.constantFrom(0, 1, day_ms / 2, day_ms - 1),
  })
  .map(({ year, month, day, ms }) => Date.UTC(year, month - 1, day) + ms);
const moments = fc.oneof(
  instants.map((date) => date.getTime()),
  edges,
);
const indices = fc.integer({ min: -300, max: 300 });

describe('laws of periods', () => {
  test('every instant is in exactly one period', () => {
    fc.assert(
      fc.property(moments, moments, (anchor_at, at) => {
        const index = periodIndexAt(anchor_at, at);
        const holds = (k: number) => periodStart(anchor_at, k) <= at && at < periodEnd(anchor_at, k);
        expect([-2, -1, 0, 1, 2].map((near) => holds(index + near))).toEqual([false, false, true, false, false]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a period ends where the next begins, and never before it began', () => {
    fc.assert(
      fc.property(moments, indices, (anchor_at, index) => {
        expect(periodEnd(anchor_at, index)).toBe(periodStart(anchor_at, index + 1));
        const days = (periodEnd(anchor_at, index) - periodStart(anchor_at, index)) / day_ms;
        expect(days).toBeGreaterThanOrEqual(28);
        expect(days).toBeLessThanOrEqual(31);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a period’s first instant is in it, the instant before is not', () => {
    fc.assert(
      fc.property(moments, indices, (anchor_at, index) => {
        const start = periodStart(anchor_at, index);
        expect(periodIndexAt(anchor_at, start)).toBe(index);
        expect(periodIndexAt(anchor_at, start - 1)).toBe(index - 1);
      }),
      { numRuns: 1_000 },
    );
  });

  test('a period starts that many calendar months after the anchor, checked against another calendar', () => {
    fc.assert(
      fc.property(moments, indices, (anchor_at, months) => {
        const anchor = Temporal.Instant.fromEpochMilliseconds(anchor_at).toZonedDateTimeISO('UTC');
        expect(periodStart(anchor_at, months)).toBe(anchor.add({ months }).epochMilliseconds);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('examples of periods', () => {
  const starts = (anchor: string, from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, place) => {
      return new Date(periodStart(instant(anchor), from + place)).toISOString().slice(0, 10);
    });

  test('from 31 January: clamped to each month’s end, always counted from the anchor', () => {
    expect(starts('2026-01-31T00:00:00Z', 0, 4)).toEqual([
      '2026-01-31',
      '2026-02-28',
      '2026-03-31',
      '2026-04-30',
      '2026-05-31',
    ]);
  });

  test('in a leap year: 29 February for anchors on the 29th, 30th and 31st', () => {
    for (const anchor of ['2028-01-29', '2028-01-30', '2028-01-31']) {
      expect(starts(`${anchor}T10:00:00Z`, 1, 1)).toEqual(['2028-02-29']);
    }
    expect(starts('2028-02-29T10:00:00Z', 11, 13)).toEqual(['2029-01-29', '2029-02-28', '2029-03-29']);
  });

  test('over the end of the year', () => {
    expect(starts('2027-12-31T23:59:59Z', -1, 2)).toEqual(['2027-11-30', '2027-12-31', '2028-01-31', '2028-02-29']);
  });

  test('before the anchor, as in a trial: negative index', () => {
    const anchor_at = instant('2026-03-31T12:00:00Z');
    expect(periodIndexAt(anchor_at, instant('2026-03-31T11:59:59.999Z'))).toBe(-1);
    expect(periodIndexAt(anchor_at, instant('2026-02-28T12:00:00Z'))).toBe(-1);
    expect(periodIndexAt(anchor_at, instant('2026-02-28T11:59:59.999Z'))).toBe(-2);
  });

  test('the hour of the day is UTC’s and ignores summer time', () => {
    expect(periodStart(instant('2026-03-15T01:30:00.123Z'), 1)).toBe(instant('2026-04-15T01:30:00.123Z'));
  });
});

test('the index of a period is found by its beginning on a clamped grid, and by no moment inside it', () => {
  const january = Date.parse('2028-01-31T00:00:00Z');
  for (const index of [-11, -1, 0, 1, 2, 13]) expect(periodIndexFrom(january, periodStart(january, index))).toBe(index);
  expect(periodIndexFrom(january, Date.parse('2028-02-28T00:00:00Z'))).toBeNull();
  expect(periodIndexFrom(january, january + 1)).toBeNull();
  expect(periodIndexFrom(january, january - 1)).toBeNull();
});
