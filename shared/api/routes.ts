import * as z from 'zod';
import { type HttpRoute, httpFormsOf, type Route, service_prefix } from './route.ts';
import * as s from './schemas.ts';

const nothing = z.strictObject({});

/** What most routes have in common; each names what is different. */
const defaults = {
  for_services: false,
  params: nothing,
  query: nothing,
  body: nothing,
  status: 200,
  problems: [],
  idempotent: false,
} as const;

const plans = {
  ...defaults,
  name: 'plans',
  summary: 'What is sold: plans with their features and prices, and packs of credits',
  method: 'GET',
  path: '/api/billing/plans',
  caller: 'public',
  served_by: 'checkout',
  answer: s.plans_answer,
} as const satisfies Route;

const checkout = {
  ...defaults,
  name: 'checkout',
  summary: 'Start a Stripe Checkout for a plan',
  method: 'POST',
  path: '/api/billing/checkout',
  caller: 'user',
  for_services: true,
  served_by: 'checkout',
  body: z.strictObject({
    plan: s.text(40),
    interval: z.enum(['month', 'year']).default('month'),
    success_path: s.app_path.default('/settings/billing?success=true'),
    cancel_path: s.app_path.default('/settings/billing?canceled=true'),
  }),
  status: 201,
  answer: z.strictObject({ checkout_url: z.url(), session_id: z.string() }),
  problems: ['unknown_plan', 'already_subscribed', 'plan_not_for_sale', 'stripe_unavailable'],
  idempotent: true,
} as const satisfies Route;

const portal = {
  ...defaults,
  name: 'portal',
  summary: 'Open the Stripe customer portal: change or cancel the plan, cards, invoices',
  method: 'POST',
  path: '/api/billing/portal',
  caller: 'user',
  for_services: true,
  served_by: 'checkout',
  body: z.strictObject({ return_path: s.app_path.default('/settings/billing') }),
  status: 201,
  answer: z.strictObject({ portal_url: z.url() }),
  problems: ['no_customer', 'stripe_unavailable'],
  idempotent: true,
} as const satisfies Route;

const subscription = {
  ...defaults,
  name: 'subscription',
  summary: 'The plan in effect and the Stripe subscription behind it',
  method: 'GET',
  path: '/api/billing/subscription',
  caller: 'user',
  for_services: true,
  served_by: 'checkout',
  answer: s.subscription_answer,
} as const satisfies Route;

const stripe_webhook = {
  ...defaults,
  name: 'stripe_webhook',
  summary: "Stripe's signed events",
  method: 'POST',
  path: '/api/webhooks/stripe',
  caller: 'stripe',
  served_by: 'webhook',
  body: z.looseObject({}),
  answer: z.strictObject({ received: z.literal(true) }),
  problems: ['invalid_signature'],
} as const satisfies Route;

const credits = {
  ...defaults,
  name: 'credits',
  summary: 'The balance, as of now',
  method: 'GET',
  path: '/api/credits',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  answer: s.balance_answer,
} as const satisfies Route;

const check = {
  ...defaults,
  name: 'check',
  summary: 'Whether an amount could be deducted now',
  method: 'GET',
  path: '/api/credits/check',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  query: z.strictObject({ amount: s.amount_in_query }),
  answer: s.check_answer,
} as const satisfies Route;

const deduct = {
  ...defaults,
  name: 'deduct',
  summary: 'Spend credits, atomically',
  method: 'POST',
  path: '/api/credits/deduct',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  body: z.strictObject({
    amount: s.positive_credits,
    description: s.text(500),
    feature: s.feature_name.optional(),
  }),
  answer: s.transaction_answer,
  problems: ['insufficient_credits'],
  idempotent: true,
} as const satisfies Route;

const transactions = {
  ...defaults,
  name: 'transactions',
  summary: 'The ledger, newest first',
  method: 'GET',
  path: '/api/credits/transactions',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  query: z.strictObject({
    limit: s.limit_in_query.optional(),
    cursor: s.text(500).optional(),
    type: s.transaction_type.optional(),
  }),
  answer: s.transactions_answer,
} as const satisfies Route;

const transaction = {
  ...defaults,
  name: 'transaction',
  summary: 'One line of the ledger',
  method: 'GET',
  path: '/api/credits/transactions/{entry_id}',
  caller: 'user',
  for_services: true,
  served_by: 'credits',
  params: z.strictObject({ entry_id: s.entry_id }),
  answer: s.transaction_answer,
} as const satisfies Route;

const verify = {
  ...defaults,
  name: 'verify',
  summary: 'Recompute sums, sequence and hash chain of the whole ledger',
  method: 'GET',
  path: `${service_prefix}/verify`,
  caller: 'service',
  served_by: 'credits',
  answer: s.verify_answer,
} as const satisfies Route;

const features = {
  ...defaults,
  name: 'features',
  summary: 'The features that the account has',
  method: 'GET',
  path: '/api/features',
  caller: 'user',
  for_services: true,
  served_by: 'access',
  answer: s.features_answer,
} as const satisfies Route;

const feature = {
  ...defaults,
  name: 'feature',
  summary: 'Whether the account has the feature: 200, or 403 with the plans that have it',
  method: 'GET',
  path: '/api/features/{feature}',
  caller: 'user',
  for_services: true,
  served_by: 'access',
  params: z.strictObject({ feature: s.feature_name }),
  answer: z.strictObject({ feature: z.string(), allowed: z.literal(true) }),
  problems: ['feature_not_in_plan'],
} as const satisfies Route;

const record_usage = {
  ...defaults,
  name: 'record_usage',
  summary: 'Count a use of a feature that costs no credits',
  method: 'POST',
  path: '/api/usage',
  caller: 'user',
  for_services: true,
  served_by: 'access',
  body: z.strictObject({ feature: s.feature_name, count: z.int().min(1).max(1_000_000_000).default(1) }),
  status: 201,
  answer: s.usage_recorded_answer,
  idempotent: true,
} as const satisfies Route;

const usage = {
  ...defaults,
  name: 'usage',
  summary: 'Uses and credits by feature and UTC day; the last 30 days unless told',
  method: 'GET',
  path: '/api/usage',
  caller: 'user',
  for_services: true,
  served_by: 'access',
  query: z.strictObject({ from: s.date.optional(), to: s.date.optional(), feature: s.feature_name.optional() }),
  answer: s.usage_answer,
} as const satisfies Route;

const health = {
  ...defaults,
  name: 'health',
  summary: 'Whether the API answers',
  method: 'GET',
  path: '/api/health',
  caller: 'public',
  served_by: 'access',
  answer: z.strictObject({ status: z.literal('ok') }),
} as const satisfies Route;

const openapi = {
  ...defaults,
  name: 'openapi',
  summary: 'This contract as OpenAPI 3.1',
  method: 'GET',
  path: '/api/openapi.json',
  caller: 'public',
  served_by: 'access',
  answer: z.looseObject({ openapi: z.string() }),
} as const satisfies Route;

/**
 * The contract: every route, once. Infrastructure, handlers, the local cloud and the OpenAPI document are made from it, so a route
 * cannot exist in one place and not in another.
 */
export const routes = {
  plans,
  checkout,
  portal,
  subscription,
  stripe_webhook,
  credits,
  check,
  deduct,
  transactions,
  transaction,
  verify,
  features,
  feature,
  record_usage,
  usage,
  health,
  openapi,
} as const;

/** Every form of every route, as the gateway knows them. */
export function httpRoutes(): HttpRoute[] {
  return Object.values(routes).flatMap((route: Route) => httpFormsOf(route));
}
