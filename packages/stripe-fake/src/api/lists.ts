import type Stripe from 'stripe';
import { resourceMissing } from './errors.ts';
import type { Pagination } from './params.ts';

/** A list that is embedded in an object, complete. */
export function listOf<T>(data: T[], url: string): Stripe.ApiList<T> {
  return { object: 'list', data, has_more: false, url };
}

/**
 * One page of the rows that match. Rows come newest first. The cursor may be any row: between two
 * pages an object may change so that it no longer matches.
 * @throws StripeApiError `resource_missing` if the cursor is not among the rows.
 */
export function pageOf<T extends { id: string }>(
  rows: T[],
  page: Pagination,
  url: string,
  matches: (row: T) => boolean = () => true,
): Stripe.ApiList<T> {
  const { limit, starting_after, ending_before } = page;
  if (ending_before !== undefined) {
    const newer = rows.slice(0, indexOf(rows, ending_before, 'ending_before')).filter(matches);
    return { object: 'list', data: newer.slice(-limit), has_more: newer.length > limit, url };
  }
  const start = starting_after === undefined ? 0 : indexOf(rows, starting_after, 'starting_after') + 1;
  const older = rows.slice(start).filter(matches);
  return { object: 'list', data: older.slice(0, limit), has_more: older.length > limit, url };
}

function indexOf(rows: { id: string }[], id: string, param: string): number {
  const index = rows.findIndex((row) => row.id === id);
  if (index === -1) throw resourceMissing('object', id, param);
  return index;
}
