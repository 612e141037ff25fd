import type Stripe from 'stripe';
import * as z from 'zod';
import { type Plan, PRORATION_BEHAVIORS, planChange } from '../actions/change-subscription.ts';
import { invalidRequest } from '../api/errors.ts';
import { boolean, count, integer, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { buildInvoice } from './draft-invoices.ts';
import { periodLines } from './invoice-lines.ts';
import { HOUR, nextBoundary } from './periods.ts';
import { isLive, periodOf, recurringOf } from './subscriptions.ts';

const createParams = z.strictObject({
  subscription: text,
  customer: text.optional(),
  preview_mode: z.literal('next').optional(),
  subscription_details: z
    .strictObject({
      items: z
        .array(
          z.strictObject({
            id: text.optional(),
            price: text.optional(),
            quantity: count.optional(),
            deleted: boolean.optional(),
          }),
        )
        .max(20)
        .optional(),
      proration_behavior: z.enum(PRORATION_BEHAVIORS).optional(),
      proration_date: integer.optional(),
      trial_end: z.union([z.literal('now'), integer]).optional(),
      billing_cycle_anchor: z.strictObject({ type: z.enum(['now', 'unchanged']) }).optional(),
    })
    .optional(),
});

/**
 * The next invoice, with or without a change of the subscription. Nothing changes, and no event is
 * sent.
 */
function previewInvoice(world: World, params: z.infer<typeof createParams>): Stripe.Invoice {
  const subscription = world.store.subscriptions.require(params.subscription, 'subscription');
  if (params.customer !== undefined && params.customer !== subscription.customer) {
    throw invalidRequest('The subscription belongs to another customer.', { param: 'customer' });
  }
  const { items = [], proration_behavior = 'create_prorations', ...change } = params.subscription_details ?? {};
  const plan = planChange(world, subscription, {
    items,
    proration_behavior,
    proration_date: change.proration_date,
    trial_end: change.trial_end,
    billing_cycle_anchor: change.billing_cycle_anchor?.type,
  });
  const common = { id: world.id('upcoming_in_1'), subscription, billing_reason: 'upcoming' } as const;
  if (plan.invoice_now) {
    const now = world.seconds();
    const period = { period_start: now, period_end: now, automatically_finalizes_at: null };
    return buildInvoice(world, { ...common, ...period, lines: plan.lines });
  }
  return buildInvoice(world, { ...common, ...renewalOf(world, subscription, plan) });
}

/** @throws StripeApiError if there is no next period. */
function renewalOf(world: World, subscription: Stripe.Subscription, { items, billing_cycle_anchor, lines }: Plan) {
  const start = items[0]?.current_period_end ?? periodOf(subscription).end;
  const ends = subscription.cancel_at !== null && subscription.cancel_at <= start;
  if (!isLive(subscription) || ends || subscription.status === 'paused') {
    throw invalidRequest(`No upcoming invoices for subscription: ${subscription.id}`, {
      code: 'invoice_upcoming_none',
    });
  }
  const end = nextBoundary(billing_cycle_anchor, recurringOf(items.map(({ price }) => price)), start);
  const next = items.map((item) => ({ ...item, current_period_start: start, current_period_end: end }));
  const pending = world.store.pending_lines.get(subscription.id) ?? [];
  return {
    lines: [...pending, ...lines, ...periodLines(world, next, subscription.metadata, false)],
    period_start: periodOf(subscription).start,
    period_end: start,
    automatically_finalizes_at: start + HOUR,
  };
}

export const invoicePreviewRoutes: Route[] = [
  route('POST', '/v1/invoices/create_preview', createParams, ({ world, params }) => previewInvoice(world, params)),
];
