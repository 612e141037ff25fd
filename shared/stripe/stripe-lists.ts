import type Stripe from 'stripe';
import type { Instant } from '../domain/units.ts';
import { moving_event_types } from './event-types.ts';
import { openStripe, type StripeAccess } from './stripe-client.ts';
import type { StripeList } from './stripe-list.ts';

export interface ListedPage {
  /**
   * Newest first, each with what must be known about it: a subscription with its latest invoice, a
   * refund with its charge.
   */
  readonly objects: readonly unknown[];
  /** The id after which the next page begins; null after the last one. */
  readonly next: string | null;
}

export interface StripeLists {
  /** One page of a list, by one call to Stripe. Rejects with `StripeUnavailable`. */
  listPage(list: StripeList, since: Instant, after: string | null): Promise<ListedPage>;
}

/** How many days Stripe's list of events reaches back: https://docs.stripe.com/api/events */
export const listed_events_days = 30;

/** Requests per second that Stripe takes: https://docs.stripe.com/rate-limits */
export function stripeRateLimit(is_production: boolean): number {
  return is_production ? 100 : 25;
}

/** The most that Stripe lists at once. */
const page_size = 100;

export function openStripeLists(access: StripeAccess): StripeLists {
  const ask = openStripe(access);
  return {
    async listPage(list, since, after) {
      const page = { limit: page_size, ...(after !== null && { starting_after: after }) };
      const { data, has_more } = await ask(`${list}.list`, (stripe) =>
        pageOf(stripe, list, { ...page, created: { gte: Math.floor(since / 1_000) } }),
      );
      return { objects: data, next: has_more ? (data.at(-1)?.id ?? null) : null };
    },
  };
}

interface PageParams {
  readonly limit: number;
  readonly starting_after?: string;
  readonly created: { readonly gte: number };
}

function pageOf(
  stripe: Stripe,
  list: StripeList,
  { created, ...page }: PageParams,
): Promise<{ data: { id: string }[]; has_more: boolean }> {
  switch (list) {
    case 'events':
      return stripe.events.list({ ...page, created, types: [...moving_event_types] });
    case 'subscriptions':
      return stripe.subscriptions.list({ ...page, status: 'all', expand: ['data.latest_invoice'] });
    case 'checkout_sessions':
      return stripe.checkout.sessions.list({ ...page, created, status: 'complete' });
    case 'refunds':
      return stripe.refunds.list({ ...page, created, expand: ['data.charge'] });
    case 'disputes':
      return stripe.disputes.list({ ...page, created, expand: ['data.payment_intent'] });
  }
}
