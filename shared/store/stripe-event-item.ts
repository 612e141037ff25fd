import { day_ms, type Instant } from '../domain/units.ts';
import * as z from '../zod.ts';

/** What became of one Stripe event. Its item is the proof that the event was handled. */
export interface StripeEventRecord {
  readonly event_id: string;
  readonly type: string;
  /** When Stripe made the event. */
  readonly created_at: Instant;
  readonly outcome: 'applied' | 'ignored' | 'stale' | 'quarantined';
  readonly account_id: string | null;
  /** Why it was quarantined. */
  readonly reason?: string;
  /** The whole event as JSON, when it was quarantined. */
  readonly payload?: string;
}

const retention_ms = 90 * day_ms;

const event_item = z.object({
  event_id: z.string(),
  type: z.string(),
  created_at: z.int(),
  outcome: z.enum(['applied', 'ignored', 'stale', 'quarantined']),
  account_id: z.nullable(z.string()),
  reason: z.exactOptional(z.string()),
  payload: z.exactOptional(z.string()),
});

/** The record as the table holds it. DynamoDB removes it some time after 90 days; nothing is decided by that. */
export function toStripeEventItem(record: StripeEventRecord, now: Instant): Record<string, unknown> {
  return {
    ...record,
    // The key of the index by_quarantine: only what somebody has to look at is in it.
    ...(record.outcome === 'quarantined' && { quarantine: 'open' }),
    expires_at: Math.floor((now + retention_ms) / 1000),
  };
}

/** Of a put: what was quarantined was not handled yet, and what comes of it afterwards takes its place. */
export const unless_handled = {
  ConditionExpression: 'attribute_not_exists(event_id) OR outcome = :quarantined',
  ExpressionAttributeValues: { ':quarantined': 'quarantined' satisfies StripeEventRecord['outcome'] },
} as const;

/** The record from its item, checked. */
export function fromStripeEventItem(item: unknown): StripeEventRecord {
  return event_item.parse(item);
}
