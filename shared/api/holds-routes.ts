import * as z from '../zod.ts';
import { hold_answer, holds_answer, release_answer, transaction_answer } from './credits-answers.ts';
import type { Route } from './route.ts';
import { route_defaults } from './route-defaults.ts';
import * as s from './schemas.ts';

/** An hour. */
const default_expires_in_s = 3_600;
const expires_in_s_max = 86_400;

const of_users = { ...route_defaults, caller: 'user', for_services: true, served_by: 'credits' } as const;
const one_hold = z.strictObject({ hold_id: s.hold_id });

const holds = {
  ...of_users,
  name: 'holds',
  summary: 'The open holds',
  method: 'GET',
  path: '/api/credits/holds',
  answer: holds_answer,
} as const satisfies Route;

const hold = {
  ...of_users,
  name: 'hold',
  summary: 'Set credits aside for work whose cost is known only afterwards: settle it then, or release it',
  method: 'POST',
  path: '/api/credits/holds',
  body: z.strictObject({
    amount: s.positive_credits,
    description: s.text(500),
    feature: z.optional(s.feature_name),
    expires_in: z
      ._default(z.int().check(z.minimum(1), z.maximum(expires_in_s_max)), default_expires_in_s)
      .check(z.describe('In seconds.')),
  }),
  status: 201,
  answer: hold_answer,
  problems: ['insufficient_credits', 'member_cap_exceeded', 'too_many_holds'],
  idempotent: 'by_key',
  spends: true,
} as const satisfies Route;

const settle = {
  ...of_users,
  name: 'settle',
  summary: 'Charge what was used and free the rest; for more than was held, as if_insufficient says',
  method: 'POST',
  path: '/api/credits/holds/{hold_id}/settle',
  params: one_hold,
  body: z.strictObject({
    amount: s.credits,
    if_insufficient: z._default(z.enum(['reject', 'charge_available']), 'reject'),
  }),
  answer: transaction_answer,
  problems: ['insufficient_credits', 'member_cap_exceeded', 'hold_of_another', 'hold_closed'],
  idempotent: 'by_nature',
  spends: true,
} as const satisfies Route;

const release = {
  ...of_users,
  name: 'release',
  summary: 'Free what the hold has set aside',
  method: 'POST',
  path: '/api/credits/holds/{hold_id}/release',
  params: one_hold,
  answer: release_answer,
  problems: ['hold_of_another', 'hold_closed'],
  idempotent: 'by_nature',
  spends: true,
} as const satisfies Route;

/** Routes for holds: authorise, then settle. */
export const holds_routes = { holds, hold, settle, release } as const;
