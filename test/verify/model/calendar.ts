import { Temporal } from 'temporal-polyfill';

const known = new Map<string, number>();

/**
 * So many calendar months after a moment, by another calendar than the domain's: in UTC, clamped to
 * the month's end.
 */
export function monthsAfter(at: number, months: number): number {
  const key = `${at}+${months}`;
  const found = known.get(key) ?? countMonths(at, months);
  if (known.size > 50_000) known.clear();
  known.set(key, found);
  return found;
}

function countMonths(at: number, months: number): number {
  return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC').add({ months }).epochMilliseconds;
}

/** The period of the anchor's grid that a moment lies in. */
export function indexAt(anchor_at: number, at: number): number {
  // A guess by months of 31 days is never too late after the anchor, and never too early before it.
  let index = Math.trunc((at - anchor_at) / (31 * 86_400_000));
  while (monthsAfter(anchor_at, index + 1) <= at) index += 1;
  while (monthsAfter(anchor_at, index) > at) index -= 1;
  return index;
}

/** `YYYY-MM`, in UTC. */
export function monthOf(at: number): string {
  return new Date(at).toISOString().slice(0, 7);
}
