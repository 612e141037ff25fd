import * as z from '../zod.ts';
import { plans_answer, subscription_answer } from './billing-answers.ts';
import type { Route } from './route.ts';
import { route_defaults } from './route-defaults.ts';
import * as s from './schemas.ts';

const plans = {
  ...route_defaults,
  name: 'plans',
  summary: 'What is sold: plans with their features and prices, and packs of credits',
  method: 'GET',
  path: '/api/billing/plans',
  caller: 'public',
  served_by: 'checkout',
  answer: plans_answer,
} as const satisfies Route;

const checkout = {
  ...route_defaults,
  name: 'checkout',
  summary: 'Start a Stripe Checkout for a plan, or for a pack of credits',
  method: 'POST',
  path: '/api/billing/checkout',
  caller: 'user',
  for_services: true,
  served_by: 'checkout',
  body: z.pipe(
    z
      .strictObject({
        plan: z.optional(s.text(40)).check(z.describe('A plan. Give either a plan or a pack.')),
        interval: z.optional(s.interval).check(z.describe('For a plan. Default: month.')),
        pack: z.optional(s.text(40)).check(z.describe('A pack of credits. Give either a plan or a pack.')),
        quantity: z
          .optional(z.int().check(z.minimum(1), z.maximum(1_000)))
          .check(z.describe('For a pack. Default: 1.')),
        success_path: z._default(s.app_path, '/settings/billing?success=true'),
        cancel_path: z._default(s.app_path, '/settings/billing?canceled=true'),
      })
      .check(
        z.superRefine(({ plan, interval, pack, quantity }, context) => {
          const refuse = (field: string, message: string) =>
            context.addIssue({ code: 'custom', path: [field], message });
          if (plan === undefined && pack === undefined) refuse('plan', 'is required, unless a pack is named');
          if (plan !== undefined && pack !== undefined)
            refuse('pack', 'must not be given beside a plan: buy one at a time');
          if (pack !== undefined && interval !== undefined)
            refuse('interval', 'belongs to a plan: a pack is bought once');
          if (plan !== undefined && quantity !== undefined)
            refuse('quantity', 'belongs to a pack: a plan is bought once');
        }),
        z.meta({
          oneOf: [
            { required: ['plan'], properties: { pack: false, quantity: false } },
            { required: ['pack'], properties: { plan: false, interval: false } },
          ],
        }),
      ),
    z.transform(({ plan = '', interval = 'month', pack, quantity = 1, ...paths }) =>
      pack === undefined ? { plan, interval, ...paths } : { pack, quantity, ...paths },
    ),
  ),
  status: 201,
  answer: z.strictObject({ checkout_url: z.url(), session_id: z.string() }),
  problems: ['unknown_plan', 'unknown_pack', 'already_subscribed', 'plan_not_for_sale', 'stripe_unavailable'],
  idempotent: 'by_key',
} as const satisfies Route;

const portal = {
  ...route_defaults,
  name: 'portal',
  summary: 'Open the Stripe customer portal: change or cancel the plan, cards, invoices',
  method: 'POST',
  path: '/api/billing/portal',
  caller: 'user',
  for_services: true,
  served_by: 'checkout',
  body: z.strictObject({ return_path: z._default(s.app_path, '/settings/billing') }),
  status: 201,
  answer: z.strictObject({ portal_url: z.url() }),
  problems: ['no_customer', 'stripe_unavailable'],
  idempotent: 'by_key',
} as const satisfies Route;

const subscription = {
  ...route_defaults,
  name: 'subscription',
  summary: 'The plan in effect and the Stripe subscription behind it',
  method: 'GET',
  path: '/api/billing/subscription',
  caller: 'user',
  for_services: true,
  served_by: 'checkout',
  answer: subscription_answer,
} as const satisfies Route;

const stripe_webhook = {
  ...route_defaults,
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

/** Routes for buying, and Stripe's webhook. */
export const billing_routes = { plans, checkout, portal, subscription, stripe_webhook } as const;
