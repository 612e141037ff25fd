import { day_ms, type Instant, type Milliseconds } from '../../shared/domain/units.ts';
import type { Reconciliation } from '../../shared/store/reconciliation.ts';
import { listed_events_days } from '../../shared/stripe/stripe-lists.ts';
import type { BeginMessage, GoOnMessage } from '../reconciliation-queue.ts';

const minute_ms: Milliseconds = 60_000;
/** Stripe lists an event some moments after it was made. */
const overlap_ms: Milliseconds = 15 * minute_ms;
/**
 * How far Stripe lists events, less the time that a run may take: paging fails after an event that
 * Stripe no longer lists.
 */
const events_reach_ms: Milliseconds = listed_events_days * day_ms - 60 * minute_ms;
/** Events close a gap for certain only if the gap is a day shorter than Stripe's list. */
const sure_reach_ms: Milliseconds = (listed_events_days - 1) * day_ms;
/**
 * Once a day. The schedule comes every hour and not to the second, so half an hour is taken off.
 */
const compare_every_ms: Milliseconds = day_ms - 30 * minute_ms;
/**
 * How far back payments are read: a checkout may be paid weeks after it was completed, and refunds
 * and disputes move on for long.
 */
const payments_reach_ms: Milliseconds = 35 * day_ms;
const disputes_reach_ms: Milliseconds = 180 * day_ms;

/** The findings of a run that has read nothing yet. */
export const nothing_found: GoOnMessage['found'] = {
  events_listed: 0,
  events_missed: 0,
  objects_compared: 0,
  objects_not_compared: 0,
  objects_drifted: 0,
  drift: [],
};

/**
 * What a run must read. Always: Stripe's events since the last run. Every day: the subscriptions.
 * All events and the payments too: if events have been missing for longer than Stripe lists them,
 * or if somebody asked for everything. All events include those that an earlier run handed over in
 * vain: they have no marker.
 */
export function planRun(
  { run_id, scope }: Omit<BeginMessage, 'kind'>,
  known: Reconciliation | null,
  now: Instant,
): GoOnMessage {
  const through = known?.events_through ?? 0;
  const is_beyond_events = through < now - sure_reach_ms;
  const is_whole = scope === 'all' || is_beyond_events;
  const events_since = is_whole ? now - events_reach_ms : through - overlap_ms;
  const compares = is_whole || now - (known?.compared_at ?? 0) >= compare_every_ms;
  const payments_since = is_beyond_events && known !== null ? through : now;
  return {
    kind: 'go_on',
    run_id,
    started_at: now,
    lists: [
      { list: 'events' as const, since: events_since, after: null },
      ...(compares ? [{ list: 'subscriptions' as const, since: 0, after: null }] : []),
      ...(is_whole
        ? [
            { list: 'checkout_sessions' as const, since: payments_since - payments_reach_ms, after: null },
            { list: 'refunds' as const, since: payments_since - payments_reach_ms, after: null },
            { list: 'disputes' as const, since: payments_since - disputes_reach_ms, after: null },
          ]
        : []),
    ],
    compares,
    pages: 0,
    found: nothing_found,
  };
}
