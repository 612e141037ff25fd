import { default_priority } from '../domain/ledger/lot.ts';
import * as z from '../zod.ts';
import {
  balance_answer,
  batch_answer,
  check_answer,
  transaction_answer,
  transactions_answer,
} from './credits-answers.ts';
import { type Route, service_prefix } from './route.ts';
import { route_defaults } from './route-defaults.ts';
import * as s from './schemas.ts';

/** What is spent, and on what. */
const spend = { amount: s.positive_credits, description: s.text(500), feature: z.optional(s.feature_name) };

const credits = {
  ...route_defaults,
  name: 'credits',
  summary: 'The balance, as of now',
  method: 'GET',
  path: '/api/credits',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  answer: balance_answer,
} as const satisfies Route;

const check = {
  ...route_defaults,
  name: 'check',
  summary: 'Whether an amount could be deducted now',
  method: 'GET',
  path: '/api/credits/check',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  query: z.strictObject({ amount: s.amount_in_query }),
  answer: check_answer,
} as const satisfies Route;

const deduct = {
  ...route_defaults,
  name: 'deduct',
  summary: 'Spend credits, atomically',
  method: 'POST',
  path: '/api/credits/deduct',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  body: z.strictObject(spend),
  answer: transaction_answer,
  problems: ['insufficient_credits', 'member_cap_exceeded'],
  idempotent: 'by_key',
  spends: true,
} as const satisfies Route;

const deduct_batch = {
  ...route_defaults,
  name: 'deduct_batch',
  summary:
    'Deduct for several requests of one account at once, each with a key of its own; judged one by one, in order',
  method: 'POST',
  path: `${service_prefix}/credits/deduct-batch`,
  caller: 'service',
  served_by: 'credits',
  body: z.strictObject({
    items: z.array(z.strictObject({ key: s.idempotency_key, ...spend })).check(z.minLength(1), z.maxLength(40)),
  }),
  answer: batch_answer,
  idempotent: 'by_key',
  spends: true,
} as const satisfies Route;

const transactions = {
  ...route_defaults,
  name: 'transactions',
  summary: 'The ledger, newest first',
  method: 'GET',
  path: '/api/credits/transactions',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  query: z.strictObject({
    limit: z.optional(s.limit_in_query),
    cursor: z.optional(s.text(500)),
    type: z.optional(s.transaction_type),
  }),
  answer: transactions_answer,
} as const satisfies Route;

const transaction = {
  ...route_defaults,
  name: 'transaction',
  summary: 'One line of the ledger',
  method: 'GET',
  path: '/api/credits/transactions/{entry_id}',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  params: z.strictObject({ entry_id: s.entry_id }),
  answer: transaction_answer,
} as const satisfies Route;

const grant = {
  ...route_defaults,
  name: 'grant',
  summary: 'Give credits, with an expiry and a place in the order of spending',
  method: 'POST',
  path: `${service_prefix}/credits/grants`,
  caller: 'service',
  served_by: 'credits',
  body: z.strictObject({
    amount: s.positive_credits,
    description: s.text(500),
    expires_at: z.optional(s.moment),
    priority: z._default(z.int().check(z.minimum(0), z.maximum(100)), default_priority),
  }),
  status: 201,
  answer: transaction_answer,
  problems: ['too_many_lots'],
  idempotent: 'by_key',
} as const satisfies Route;

const refund = {
  ...route_defaults,
  name: 'refund',
  summary: 'Give back a deduction or a settlement, all of the rest or a part, to the lots that it came from',
  method: 'POST',
  path: `${service_prefix}/credits/refunds`,
  caller: 'service',
  served_by: 'credits',
  body: z.strictObject({
    entry_id: s.entry_id,
    amount: z.optional(s.positive_credits),
    description: z.optional(s.text(500)),
  }),
  status: 201,
  answer: transaction_answer,
  problems: ['not_found', 'refund_exceeds_charge'],
  idempotent: 'by_key',
} as const satisfies Route;

const verify = {
  ...route_defaults,
  name: 'verify',
  summary: 'Recompute sums, sequence and hash chain of the whole ledger',
  method: 'GET',
  path: `${service_prefix}/verify`,
  caller: 'service',
  served_by: 'credits',
  answer: s.verify_answer,
} as const satisfies Route;

/** Routes for balances, deductions, grants, refunds, and the ledger. */
export const credits_routes = {
  credits,
  check,
  deduct,
  deduct_batch,
  transactions,
  transaction,
  grant,
  refund,
  verify,
} as const;
