import type Stripe from 'stripe';
import { resourceMissing } from './errors.ts';
import type { Pagination } from './params.ts';

/** A list that is embedded in an object, complete. */
export function listOf<T>(data: T[], url: string): Stripe.ApiList<T> {
  return { object: 'list', data, has_more: false, url };
}

/**
 * One page of rows that are given newest first.
 * @throws StripeApiError `resource_missing` when the cursor is not among the rows.
 */
export function pageOf<T extends { id: string }>(rows: T[], page: Pagination, url: string): Stripe.ApiList<T> {
  const { limit, starting_after, ending_before } = page;
  if (ending_before !== undefined) {
    const end = indexOf(rows, ending_before, 'ending_before');
    const start = Math.max(0, end - limit);
    return { object: 'list', data: rows.slice(start, end), has_more: start > 0, url };
  }
  const start = starting_after === undefined ? 0 : indexOf(rows, starting_after, 'starting_after') + 1;
  return { object: 'list', data: rows.slice(start, start + limit), has_more: start + limit < rows.length, url };
}

function indexOf(rows: { id: string }[], id: string, param: string): number {
  const index = rows.findIndex((row) => row.id === id);
  if (index === -1) throw resourceMissing('object', id, param);
  return index;
}
