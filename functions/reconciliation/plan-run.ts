import { day_ms, type Instant, type Milliseconds } from '../../shared/domain/units.ts';
import type { Reconciliation } from '../../shared/store/reconciliation.ts';
import { listed_events_days } from '../../shared/stripe/stripe-lists.ts';
import type { BeginMessage, GoOnMessage } from '../reconciliation-queue.ts';

const minute_ms: Milliseconds = 60_000;
/** An event is listed some moments after it was made. */
const overlap_ms: Milliseconds = 15 * minute_ms;
/** All that Stripe lists, less the time that a run may take: Stripe does not go on after an event that it lists no more. */
const events_reach_ms: Milliseconds = listed_events_days * day_ms - 60 * minute_ms;
/** A gap is only sure to be closed by events when it is a day shorter than what Stripe lists. */
const sure_reach_ms: Milliseconds = (listed_events_days - 1) * day_ms;
/** Once a day, by a schedule that comes every hour and not to the second. */
const compare_every_ms: Milliseconds = day_ms - 30 * minute_ms;
/** A checkout may be paid weeks after it was completed, a refund or a dispute move on long after it was made. */
const payments_reach_ms: Milliseconds = 35 * day_ms;
const disputes_reach_ms: Milliseconds = 180 * day_ms;

/** What a run has found that has read nothing yet. */
export const nothing_found: GoOnMessage['found'] = {
  events_listed: 0,
  events_missed: 0,
  objects_compared: 0,
  objects_not_compared: 0,
  objects_drifted: 0,
  drift: [],
};

/**
 * What a run has to read: Stripe's events since the last run; every day its subscriptions; and all of its events, and the payments too,
 * when events are missing for longer than Stripe lists them, or somebody asked for everything. Among all events are those that a run
 * before has handed over in vain: they are in the dead letters and have no marker.
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
