import { day_ms, type Instant } from '../domain/units.ts';
import * as z from '../zod.ts';
import type { Shape } from './shape.ts';

/** The outcomes of an event. */
export const event_outcomes = ['applied', 'ignored', 'stale', 'quarantined'] as const;

/** The outcome of one Stripe event. Its item proves that the event was handled. */
export interface StripeEventRecord {
  readonly event_id: string;
  readonly type: string;
  /** When Stripe made the event. */
  readonly created_at: Instant;
  readonly outcome: (typeof event_outcomes)[number];
  readonly account_id: string | null;
  /** Why the event was quarantined. */
  readonly reason?: string;
  /** The whole event as JSON, if it was quarantined. */
  readonly payload?: string;
}

const retention_ms = 90 * day_ms;

const event_item = z.object({
  event_id: z.string(),
  type: z.string(),
  created_at: z.int(),
  outcome: z.enum(event_outcomes),
  account_id: z.nullable(z.string()),
  reason: z.exactOptional(z.string()),
  payload: z.exactOptional(z.string()),
} satisfies Shape<StripeEventRecord>);

/** The record's item. DynamoDB removes it some time after 90 days; no decision depends on that. */
export function toStripeEventItem(record: StripeEventRecord, now: Instant): Record<string, unknown> {
  return {
    ...record,
    // The key of the index by_quarantine, which holds only events that somebody must look at.
    ...(record.outcome === 'quarantined' && { quarantine: 'open' }),
    expires_at: Math.floor((now + retention_ms) / 1000),
  };
}

/**
 * The condition of a put: a quarantined event was not handled, so its later outcome may replace the
 * record.
 */
export const unless_handled = {
  ConditionExpression: 'attribute_not_exists(event_id) OR outcome = :quarantined',
  ExpressionAttributeValues: { ':quarantined': 'quarantined' satisfies StripeEventRecord['outcome'] },
} as const;

/** The record from its item, checked. */
export function fromStripeEventItem(item: unknown): StripeEventRecord {
  return event_item.parse(item);
}
