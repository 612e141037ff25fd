import * as z from '../zod.ts';
import type { Route } from './route.ts';
import { route_defaults } from './route-defaults.ts';
import * as s from './schemas.ts';

export const stripe_event_answer = z.strictObject({
  event_id: z.string(),
  type: z.string(),
  created_at: s.instant,
  outcome: z.enum(['applied', 'ignored', 'stale', 'quarantined']),
  reason: z
    .nullable(z.string())
    .check(z.describe('Why the event is quarantined. The runbook says what to do about each reason.')),
  account_id: z.nullable(z.string()),
});

const of_operators = { ...route_defaults, caller: 'service', served_by: 'admin' } as const;

const stripe_events = {
  ...of_operators,
  name: 'stripe_events',
  summary: 'Stripe events that could not be placed, newest first',
  method: 'GET',
  path: '/api/admin/stripe-events',
  query: z.strictObject({
    outcome: z._default(z.literal('quarantined'), 'quarantined'),
    limit: z.optional(s.limit_in_query),
    cursor: z.optional(z.string().check(z.maxLength(600))),
  }),
  answer: z.strictObject({ data: z.array(stripe_event_answer), next_cursor: z.nullable(z.string()) }),
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

const start_reconciliation = {
  ...of_operators,
  name: 'start_reconciliation',
  summary: 'Compare all accounts with Stripe now: events that were missed, subscriptions, payments of the last weeks',
  method: 'POST',
  path: '/api/admin/reconcile',
  status: 202,
  answer: z.strictObject({ run_id: z.string() }),
  idempotent: 'by_key',
} as const satisfies Route;

const count = z.int().check(z.minimum(0));

const reconciliation_report = z.strictObject({
  run_id: z.string(),
  started_at: s.instant,
  finished_at: s.instant,
  events_listed: count,
  events_missed: count.check(z.describe('Events without a record. They are on their way to their accounts.')),
  objects_compared: count.check(z.describe("Stripe's subscriptions and payments.")),
  objects_not_compared: count.check(
    z.describe(
      'Objects whose accounts could not be read. Until all can be read, the next run begins where this one began.',
    ),
  ),
  objects_drifted: count.check(
    z.describe(
      'Objects that disagreed with their accounts, or whose accounts could not be read. What can be mended is on its way.',
    ),
  ),
  drift: z
    .array(z.strictObject({ object_id: z.string(), account_id: z.nullable(z.string()), what: z.string() }))
    .check(z.describe('The first 50 drifted objects. The log has all.')),
});

const reconciliation = {
  ...of_operators,
  name: 'reconciliation',
  summary: 'How far the accounts are in line with Stripe, and what the latest run has found',
  method: 'GET',
  path: '/api/admin/reconcile',
  answer: z.strictObject({
    events_through: z.nullable(s.instant),
    compared_at: z.nullable(s.instant),
    report: z.nullable(reconciliation_report),
  }),
} as const satisfies Route;

/** Routes for operators: Stripe's events and reconciliation. */
export const admin_routes = { stripe_events, replay_stripe_event, start_reconciliation, reconciliation } as const;
