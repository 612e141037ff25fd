import { element } from './dom.ts';

const number = new Intl.NumberFormat();
const signed = new Intl.NumberFormat(undefined, { signDisplay: 'exceptZero' });
const moment = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
});
const minute = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  timeZone: 'UTC',
  timeZoneName: 'short',
});
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

export const formatCredits = (credits: number) => number.format(credits);
export const formatChange = (credits: number) => signed.format(credits);
export const formatMoment = (at: number) => moment.format(at);
export const formatMinute = (at: number) => minute.format(at);

/** Money in minor units of the currency. */
export function formatMoney(amount: number, currency: string): string {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** `in 3 days` up to a week away, the date beyond. */
export function formatDistance(at: number, now: number): string {
  const distance_ms = at - now;
  if (Math.abs(distance_ms) < 1000) return relative.format(0, 'second');
  if (Math.abs(distance_ms) > 7 * 86_400_000) return day.format(at);
  const [unit, unit_ms] = units.find(([, ms]) => Math.abs(distance_ms) >= ms) ?? units[3];
  return relative.format(Math.trunc(distance_ms / unit_ms), unit);
}

/** `1 month ahead` in whole days and hours. */
export function formatDuration(ms: number): string {
  const parts = units.flatMap(([unit, unit_ms], index) => {
    const larger = units[index - 1]?.[1];
    const count = Math.floor((larger === undefined ? ms : ms % larger) / unit_ms);
    return count === 0 ? [] : [`${number.format(count)} ${unit}${count === 1 ? '' : 's'}`];
  });
  return parts.slice(0, 2).join(', ');
}

/** A moment as people say it, exact on hover. `refreshTimes` keeps it true. */
export function timeElement(at: string, now: number): HTMLTimeElement {
  const instant = Date.parse(at);
  return element('time', { datetime: at, title: formatMoment(instant) }, formatDistance(instant, now));
}

/** Says the relative times of a part of the page anew. */
export function refreshTimes(part: ParentNode, now: number): void {
  for (const time of part.querySelectorAll('time[title]')) {
    const text = formatDistance(Date.parse(time.getAttribute('datetime') ?? ''), now);
    if (time.textContent !== text) time.textContent = text;
  }
}
