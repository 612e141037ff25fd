import { admin_routes } from '../../shared/api/admin-routes.ts';
import { Problem } from '../../shared/api/problem.ts';
import { serve } from '../../shared/api/serve.ts';
import { logger } from '../../shared/observability.ts';
import { findStripeEvent } from '../../shared/store/stripe-events.ts';
import { applyStripeEvent } from '../../shared/stripe/apply-stripe-event.ts';
import type { AdminDeps } from './deps.ts';
import { toStripeEvent } from './to-stripe-event.ts';

/**
 * POST /api/admin/stripe-events/{id}/replay. An event that was handled stays as it is, so a replay
 * that is sent twice, or meets the event itself, takes effect once.
 */
export const replayStripeEvent = (deps: AdminDeps) =>
  serve(admin_routes.replay_stripe_event, async ({ params: { id } }) => {
    const record = await findStripeEvent(deps.database, id);
    if (record === null)
      throw new Problem('not_found', 'There is no event with this id. Records of events are kept for 90 days.');
    if (record.payload === undefined) return { body: toStripeEvent(record), replayed: true };
    const { event_id, type, outcome, reason } = await applyStripeEvent(JSON.parse(record.payload), deps);
    logger.info('stripe event replayed', { event_id, type, outcome, reason });
    return { body: toStripeEvent((await findStripeEvent(deps.database, id)) ?? record) };
  });
