import { expect, test } from 'vitest';
import { day_ms, hour_ms, toIso, utcDay } from '../../shared/domain/units.ts';

test('moments are written in UTC to the millisecond, days as dates', () => {
  expect(toIso(Date.UTC(2026, 2, 1, 8, 30, 0, 250))).toBe('2026-03-01T08:30:00.250Z');
  expect(utcDay(Date.UTC(2026, 2, 1) + day_ms - 1)).toBe('2026-03-01');
  expect(utcDay(Date.UTC(2026, 2, 1) + 24 * hour_ms)).toBe('2026-03-02');
});
