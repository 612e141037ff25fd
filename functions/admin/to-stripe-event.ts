import type { stripe_event_answer } from '../../shared/api/admin-routes.ts';
import { toIso } from '../../shared/domain/units.ts';
import type { StripeEventRecord } from '../../shared/store/stripe-events.ts';
import type * as z from '../../shared/zod.ts';

/** The outcome of an event, as the API shows it. */
export function toStripeEvent(record: StripeEventRecord): z.input<typeof stripe_event_answer> {
  const { event_id, type, created_at, outcome, reason = null, account_id } = record;
  return { event_id, type, created_at: toIso(created_at), outcome, reason, account_id };
}
