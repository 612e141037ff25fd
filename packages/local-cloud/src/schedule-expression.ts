import { TemplateNotSupported } from './template.ts';

/** A schedule's first moment after `after`, or null if there is none. Epoch milliseconds. */
export type NextFiring = (after: number) => number | null;

const minute_ms = 60_000;
const unit_ms: Record<string, number> = { minute: minute_ms, hour: 60 * minute_ms, day: 24 * 60 * minute_ms };

/**
 * Reads `rate(1 hour)`, `at(2027-01-01T00:00:00)` or `cron(0 3 * * ? *)` of EventBridge Scheduler,
 * in UTC. A rate counts from `created_at`. Throws `TemplateNotSupported` for anything else (L, W
 * and # in cron). https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function readScheduleExpression(expression: string, created_at: number): NextFiring {
  const [, kind, argument = ''] = /^(rate|at|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'rate') return rate(expression, argument, created_at);
  if (kind === 'at') return once(Date.parse(`${argument}Z`));
  if (kind === 'cron') return cron(expression, argument);
  throw new TemplateNotSupported(`the schedule ${expression}`);
}

function rate(expression: string, argument: string, created_at: number): NextFiring {
  const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? [];
  const interval_ms = Number(count) * (unit_ms[unit] ?? 0);
  if (!(interval_ms > 0)) throw new TemplateNotSupported(`the schedule ${expression}`);
  return (after) => {
    const passed = Math.max(0, Math.floor((after - created_at) / interval_ms));
    return created_at + (passed + 1) * interval_ms;
  };
}

const once =
  (at: number): NextFiring =>
  (after) =>
    after < at ? at : null;

const month_names = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const day_names = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/**
 * A cron that does not fire within this many days never fires: 29 February comes every eight years
 * at worst.
 */
const longest_gap_days = 8 * 366 + 1;

function cron(expression: string, argument: string): NextFiring {
  const fields = argument.split(' ');
  if (fields.length !== 6) throw new TemplateNotSupported(`the schedule ${expression}`);
  const read = (index: number, first: number, last: number, names: string[] = []) =>
    readField(expression, fields[index] ?? '', first, last, names);
  const minutes = read(0, 0, 59);
  const hours = read(1, 0, 23);
  const days = read(2, 1, 31);
  const months = read(3, 1, 12, month_names);
  const week_days = read(4, 1, 7, day_names);
  const years = read(5, 1970, 2199);
  const isDay = (day: Date) =>
    years.has(day.getUTCFullYear()) &&
    months.has(day.getUTCMonth() + 1) &&
    days.has(day.getUTCDate()) &&
    week_days.has(day.getUTCDay() + 1);
  return (after) => {
    const day = new Date(after);
    day.setUTCHours(0, 0, 0, 0);
    for (let gap = 0; gap < longest_gap_days; gap += 1, day.setUTCDate(day.getUTCDate() + 1)) {
      if (!isDay(day)) continue;
      for (const hour of hours) {
        for (const minute of minutes) {
          const at = day.getTime() + hour * 60 * minute_ms + minute * minute_ms;
          if (at > after) return at;
        }
      }
    }
    return null;
  };
}

/** The field's numbers in ascending order: `*`, `?`, lists, ranges and steps. */
function readField(expression: string, field: string, first: number, last: number, names: string[]): Set<number> {
  const toNumber = (text: string): number => {
    const name = names.indexOf(text.toUpperCase());
    return name >= 0 ? name + 1 : Number(text);
  };
  const numbers = field.split(',').flatMap((part) => {
    const [, from = '', to, step] = /^(\*|\?|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(part) ?? [];
    const every = from === '*' || from === '?';
    const start = every ? first : toNumber(from);
    const single = to === undefined && step === undefined && !every;
    const end = single ? start : to === undefined ? last : toNumber(to);
    const stride = step === undefined ? 1 : Number(step);
    if (!(start >= first && end <= last && start <= end && stride > 0)) {
      throw new TemplateNotSupported(`the schedule ${expression}`);
    }
    return Array.from({ length: Math.floor((end - start) / stride) + 1 }, (_, index) => start + index * stride);
  });
  return new Set(numbers.sort((a, b) => a - b));
}
