import type Stripe from 'stripe';
import * as z from 'zod';
import { changeSubscription, PAYMENT_BEHAVIORS, PRORATION_BEHAVIORS } from '../actions/change-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../actions/pause-subscription.ts';
import { startSubscription } from '../actions/start-subscription.ts';
import { invalidRequest, StripeApiError } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import {
  boolean,
  changeMetadata,
  clearable,
  count,
  integer,
  isWithin,
  metadata,
  pagination,
  range,
  text,
} from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { DECLINED } from './charges.ts';
import { cardFor, isRefused } from './payment-methods.ts';
import { DAY } from './periods.ts';
import { cancellationAtPeriodEnd, endingAt, endSubscription, isLive, periodOf } from './subscriptions.ts';

const STATUSES = [
  ...(['active', 'past_due', 'unpaid', 'canceled', 'incomplete', 'incomplete_expired', 'trialing'] as const),
  ...(['paused', 'all', 'ended'] as const),
];

const cancellationDetails = z.strictObject({ comment: clearable.optional(), feedback: clearable.optional() });

const createParams = z.strictObject({
  customer: text,
  items: z
    .array(z.strictObject({ price: text, quantity: count.optional() }))
    .min(1)
    .max(20),
  metadata: metadata.optional(),
  description: text.optional(),
  default_payment_method: text.optional(),
  payment_behavior: z.enum(['allow_incomplete', 'error_if_incomplete']).default('allow_incomplete'),
  trial_end: integer.optional(),
  trial_period_days: integer.pipe(z.number().min(1).max(730)).optional(),
});

const updateParams = z.strictObject({
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
    .default([]),
  proration_behavior: z.enum(PRORATION_BEHAVIORS).default('create_prorations'),
  payment_behavior: z.enum(PAYMENT_BEHAVIORS).default('allow_incomplete'),
  proration_date: integer.optional(),
  cancel_at_period_end: boolean.optional(),
  cancel_at: z.union([z.literal(''), integer]).optional(),
  cancellation_details: cancellationDetails.optional(),
  default_payment_method: text.optional(),
  description: clearable.optional(),
  metadata: metadata.optional(),
  trial_end: z.union([z.literal('now'), integer]).optional(),
  billing_cycle_anchor: z.strictObject({ type: z.enum(['now', 'unchanged']) }).optional(),
  pause_collection: z
    .union([
      z.literal('').transform(() => null),
      z.strictObject({
        behavior: z.enum(['keep_as_draft', 'mark_uncollectible', 'void']),
        resumes_at: integer.optional(),
      }),
    ])
    .optional(),
});
type UpdateParams = z.infer<typeof updateParams>;

const pauseParams = z.strictObject({
  type: z.literal('subscription').optional(),
  bill_for: z
    .strictObject({ unused_time_from: z.strictObject({ type: z.enum(['now', 'none']) }).optional() })
    .optional(),
  invoicing_behavior: z.literal('pending_invoice_item').optional(),
});

const resumeParams = z.strictObject({
  billing_cycle_anchor: z.strictObject({ type: z.enum(['now', 'unchanged']) }).optional(),
  payment_behavior: z.literal('resume_on_payment_attempt').optional(),
  proration_behavior: z.enum(['create_prorations', 'none']).default('create_prorations'),
});

const listParams = z.strictObject({
  ...pagination,
  customer: text.optional(),
  price: text.optional(),
  status: z.enum(STATUSES).optional(),
  collection_method: z.enum(['charge_automatically', 'send_invoice']).optional(),
  created: range.optional(),
  current_period_end: range.optional(),
  current_period_start: range.optional(),
});

function cancellationOf(world: World, before: Stripe.Subscription, params: UpdateParams): Partial<Stripe.Subscription> {
  const { cancel_at_period_end, cancel_at } = params;
  if (cancel_at_period_end !== undefined && cancel_at !== undefined) {
    throw invalidRequest('You cannot set `cancel_at` and `cancel_at_period_end` at the same time.', {
      param: 'cancel_at',
    });
  }
  if (cancel_at_period_end !== undefined && cancel_at_period_end !== before.cancel_at_period_end) {
    return cancellationAtPeriodEnd(world, before, cancel_at_period_end);
  }
  if (cancel_at === '') return { ...endingAt(world, before, null), cancel_at_period_end: false };
  if (cancel_at === undefined) return {};
  if (cancel_at <= world.seconds()) {
    throw invalidRequest('The subscription’s `cancel_at` must be in the future.', { param: 'cancel_at' });
  }
  return { ...endingAt(world, before, cancel_at), cancel_at_period_end: false };
}

/**
 * @throws StripeApiError for a trial that ends in the past, or one that would have to wait for a
 * payment.
 */
function checkTrialEnd(world: World, { trial_end, payment_behavior }: UpdateParams): void {
  if (trial_end === undefined) return;
  if (payment_behavior === 'pending_if_incomplete') {
    throw invalidRequest('The fake of Stripe does not keep `trial_end` in a pending update.', { param: 'trial_end' });
  }
  if (trial_end !== 'now' && trial_end <= world.seconds()) {
    throw invalidRequest('Invalid timestamp: must be an integer Unix timestamp in the future.', { param: 'trial_end' });
  }
}

function pauseOf(
  given: NonNullable<UpdateParams['pause_collection']> | null,
): Stripe.Subscription.PauseCollection | null {
  return given === null ? null : { behavior: given.behavior, resumes_at: given.resumes_at ?? null };
}

function attributesOf(world: World, before: Stripe.Subscription, params: UpdateParams): Partial<Stripe.Subscription> {
  const { default_payment_method, description, cancellation_details, pause_collection } = params;
  if (default_payment_method !== undefined) {
    world.store.payment_methods.require(default_payment_method, 'default_payment_method');
  }
  const attributes: Partial<Stripe.Subscription> = {
    ...cancellationOf(world, before, params),
    ...(default_payment_method === undefined ? {} : { default_payment_method }),
    ...(description === undefined ? {} : { description }),
    ...(pause_collection === undefined ? {} : { pause_collection: pauseOf(pause_collection) }),
    metadata: changeMetadata(before.metadata, params.metadata),
  };
  if (cancellation_details === undefined) return attributes;
  return { ...attributes, ...cancellationComment({ ...before, ...attributes }, cancellation_details) };
}

function cancellationComment(
  subscription: Stripe.Subscription,
  given: z.infer<typeof cancellationDetails>,
): Partial<Stripe.Subscription> {
  const known = subscription.cancellation_details;
  return {
    cancellation_details: {
      comment: given.comment ?? known?.comment ?? null,
      feedback: given.feedback ?? known?.feedback ?? null,
      feedback_option: known?.feedback_option ?? null,
      reason: known?.reason ?? null,
    },
  };
}

function create(world: World, params: z.infer<typeof createParams>): Stripe.Subscription {
  const customer = world.store.customers.require(params.customer, 'customer');
  const { default_payment_method = null, trial_period_days } = params;
  if (default_payment_method !== null) {
    world.store.payment_methods.require(default_payment_method, 'default_payment_method');
  }
  const items = params.items.map(({ price, quantity }, i) => ({
    price: world.store.prices.require(price, `items[${i}][price]`),
    quantity: quantity ?? 1,
  }));
  const trial_end =
    params.trial_end ?? (trial_period_days === undefined ? null : world.seconds() + trial_period_days * DAY);
  const card = cardFor(world, customer.id, null);
  const own = default_payment_method === null ? card : world.store.payment_methods.require(default_payment_method);
  if (trial_end === null && own === null) {
    const message = 'This customer has no attached payment source or default payment method.';
    throw invalidRequest(message, { code: 'resource_missing' });
  }
  if (trial_end === null && params.payment_behavior === 'error_if_incomplete' && own !== null && isRefused(own)) {
    const { message, ...details } = DECLINED;
    throw new StripeApiError(402, 'card_error', message, details);
  }
  const { subscription_id } = startSubscription(world, {
    customer: customer.id,
    items,
    metadata: changeMetadata({}, params.metadata),
    description: params.description ?? null,
    default_payment_method,
    trial_end,
  });
  return world.store.subscriptions.require(subscription_id);
}

export const subscriptionRoutes: Route[] = [
  route('POST', '/v1/subscriptions', createParams, ({ world, params }) => create(world, params)),
  route('GET', '/v1/subscriptions/:id', z.strictObject({}), ({ world, id }) => world.store.subscriptions.require(id)),
  route('POST', '/v1/subscriptions/:id', updateParams, ({ world, id, params }) => {
    const before = world.store.subscriptions.require(id);
    if (!isLive(before)) {
      throw invalidRequest('A canceled subscription can only update its cancellation_details and metadata.');
    }
    const { items, proration_behavior, payment_behavior, proration_date, trial_end } = params;
    checkTrialEnd(world, params);
    return changeSubscription(world, before, {
      attributes: attributesOf(world, before, params),
      items,
      proration_behavior,
      payment_behavior,
      proration_date,
      trial_end,
      billing_cycle_anchor: params.billing_cycle_anchor?.type,
    });
  }),
  route(
    'DELETE',
    '/v1/subscriptions/:id',
    z.strictObject({ cancellation_details: cancellationDetails.optional() }),
    ({ world, id, params }) => {
      const before = world.store.subscriptions.require(id);
      if (!isLive(before)) throw invalidRequest(`No such subscription: '${id}'`, { code: 'resource_missing' });
      const { cancellation_details } = params;
      const commented = cancellation_details ? cancellationComment(before, cancellation_details) : {};
      return endSubscription(world, { ...before, ...commented }, 'cancellation_requested');
    },
  ),
  route('POST', '/v1/subscriptions/:id/pause', pauseParams, ({ world, id, params }) => {
    const unused = params.bill_for?.unused_time_from?.type ?? 'now';
    return pauseSubscription(world, world.store.subscriptions.require(id), unused === 'now');
  }),
  route('POST', '/v1/subscriptions/:id/resume', resumeParams, ({ world, id, params }) => {
    const anchor = params.billing_cycle_anchor?.type ?? 'now';
    const before = world.store.subscriptions.require(id);
    return resumeSubscription(world, before, anchor, params.proration_behavior === 'create_prorations');
  }),
  route('GET', '/v1/subscriptions', listParams, ({ world, params }) => {
    const { customer, price, status, collection_method, created } = params;
    return pageOf(
      world.store.subscriptions.list(),
      params,
      '/v1/subscriptions',
      (subscription) =>
        (customer === undefined || subscription.customer === customer) &&
        (price === undefined || subscription.items.data.some((item) => item.price.id === price)) &&
        hasStatus(subscription, status) &&
        (collection_method === undefined || subscription.collection_method === collection_method) &&
        isWithin(subscription.created, created) &&
        isWithin(periodOf(subscription).end, params.current_period_end) &&
        isWithin(periodOf(subscription).start, params.current_period_start),
    );
  }),
];

/**
 * Whether the subscription has the wanted status. If none is wanted, canceled ones are left out.
 */
function hasStatus(subscription: Stripe.Subscription, wanted: (typeof STATUSES)[number] | undefined): boolean {
  if (wanted === undefined) return subscription.status !== 'canceled';
  if (wanted === 'all') return true;
  if (wanted === 'ended') return !isLive(subscription);
  return subscription.status === wanted;
}
