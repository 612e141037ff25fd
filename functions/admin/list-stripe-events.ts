import { admin_routes } from '../../shared/api/admin-routes.ts';
import { fromCursor, toCursor } from '../../shared/api/cursor.ts';
import { serve } from '../../shared/api/serve.ts';
import { listQuarantined } from '../../shared/store/stripe-events.ts';
import * as z from '../../shared/zod.ts';
import type { AdminDeps } from './deps.ts';
import { toStripeEvent } from './to-stripe-event.ts';

const default_limit = 20;
const listed = 'stripe-events:quarantined';

/** Where the last page ended: when Stripe made its last event, and that event's id. */
const position_schema = z.tuple([z.int(), z.string().check(z.minLength(1), z.maxLength(255))]);

/** GET /api/admin/stripe-events */
export const listStripeEvents = ({ database }: AdminDeps) =>
  serve(admin_routes.stripe_events, async ({ query: { limit = default_limit, cursor } }) => {
    const [created_at, event_id] = cursor === undefined ? [] : fromCursor(position_schema, listed, cursor);
    const after = created_at === undefined || event_id === undefined ? null : { created_at, event_id };
    const { records, next } = await listQuarantined(database, { limit, after });
    const next_cursor = next === null ? null : toCursor(listed, [next.created_at, next.event_id]);
    return { body: { data: records.map(toStripeEvent), next_cursor } };
  });
