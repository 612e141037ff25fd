import { validationFailed } from '../../shared/api/problem.ts';
import { day_ms, utcDay } from '../../shared/domain/units.ts';

/** UTC days, `YYYY-MM-DD`, both included. */
export interface DayRange {
  readonly from: string;
  readonly to: string;
}

const default_days = 30;
const days_max = 366;

/**
 * The days that the request asks for: by default the last 30, up to today. Throws
 * `validation_failed` for an empty or too long range.
 */
export function toDayRange(asked: { from?: string | undefined; to?: string | undefined }, today: string): DayRange {
  const to = asked.to ?? today;
  const from = asked.from ?? utcDay(Date.parse(to) - (default_days - 1) * day_ms);
  const days = (Date.parse(to) - Date.parse(from)) / day_ms + 1;
  if (days < 1) throw validationFailed({ path: 'query.from', message: `must not be after ${to}` });
  if (days > days_max) {
    throw validationFailed({ path: 'query.from', message: `must be at most ${days_max} days before the end, ${to}` });
  }
  return { from, to };
}
