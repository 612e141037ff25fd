import * as z from 'zod';
import type { Route } from './route.ts';
import { route_defaults } from './route-defaults.ts';
import * as s from './schemas.ts';

export const stripe_event_answer = z.strictObject({
  event_id: z.string(),
  type: z.string(),
  created_at: s.instant,
  outcome: z.enum(['applied', 'ignored', 'stale', 'quarantined']),
  reason: z.string().nullable().describe('Why it is quarantined: the runbook says what to do about each reason.'),
  account_id: z.string().nullable(),
});

const of_operators = { ...route_defaults, caller: 'service', served_by: 'admin' } as const;

const stripe_events = {
  ...of_operators,
  name: 'stripe_events',
  summary: 'Stripe events that could not be placed, newest first',
  method: 'GET',
  path: '/api/admin/stripe-events',
  query: z.strictObject({
    outcome: z.literal('quarantined').default('quarantined'),
    limit: s.limit_in_query.optional(),
    cursor: z.string().max(600).optional(),
  }),
  answer: z.strictObject({ data: z.array(stripe_event_answer), next_cursor: z.string().nullable() }),
} as const satisfies Route;

const replay_stripe_event = {
  ...of_operators,
  name: 'replay_stripe_event',
  summary: 'Apply a quarantined event again, after what kept it from being placed was mended',
  method: 'POST',
  path: '/api/admin/stripe-events/{id}/replay',
  params: z.strictObject({ id: s.stripe_event_id }),
  answer: stripe_event_answer,
  problems: ['not_found', 'stripe_unavailable', 'account_busy'],
  idempotent: 'by_nature',
} as const satisfies Route;

/** What operators see and do about Stripe. */
export const admin_routes = { stripe_events, replay_stripe_event } as const;
