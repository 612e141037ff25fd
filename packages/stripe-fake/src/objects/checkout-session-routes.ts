import type Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { boolean, changeMetadata, integer, isWithin, metadata, pagination, range, text, url } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { buildLineItem, createSession, expireSession, lineItemsOf } from './checkout-sessions.ts';
import { productName } from './invoice-lines.ts';
import { DAY, HOUR } from './periods.ts';
import { recurringOf } from './subscriptions.ts';

const createParams = z.strictObject({
  mode: z.enum(['payment', 'subscription']),
  ui_mode: z.literal('hosted_page').optional(),
  line_items: z
    .array(z.strictObject({ price: text, quantity: integer.pipe(z.number().min(1)).optional() }))
    .min(1)
    .max(20),
  success_url: url,
  cancel_url: url.optional(),
  customer: text.optional(),
  customer_creation: z.enum(['always', 'if_required']).optional(),
  customer_email: text.optional(),
  client_reference_id: text.max(200).optional(),
  metadata: metadata.optional(),
  expires_at: integer.optional(),
  allow_promotion_codes: boolean.optional(),
  billing_address_collection: z.enum(['auto', 'required']).optional(),
  locale: text.optional(),
  payment_method_collection: z.enum(['always', 'if_required']).optional(),
  submit_type: text.optional(),
  subscription_data: z
    .strictObject({
      description: text.optional(),
      metadata: metadata.optional(),
      trial_end: integer.optional(),
      trial_period_days: integer.pipe(z.number().min(1).max(730)).optional(),
    })
    .optional(),
  payment_intent_data: z.strictObject({ description: text.optional(), metadata: metadata.optional() }).optional(),
});
type CreateParams = z.infer<typeof createParams>;

/** @throws StripeApiError for parameters that contradict each other. */
function checkTogether(world: World, params: CreateParams): void {
  const { mode, customer } = params;
  if (customer !== undefined) world.store.customers.require(customer, 'customer');
  const forbidden: Record<string, unknown> =
    mode === 'payment'
      ? { subscription_data: params.subscription_data, payment_method_collection: params.payment_method_collection }
      : {
          payment_intent_data: params.payment_intent_data,
          customer_creation: params.customer_creation,
          submit_type: params.submit_type,
        };
  if (customer !== undefined) {
    Object.assign(forbidden, { customer_email: params.customer_email, customer_creation: params.customer_creation });
  }
  const param = Object.keys(forbidden).find((name) => forbidden[name] !== undefined);
  if (param !== undefined) {
    throw invalidRequest(`You can not pass \`${param}\` in \`${mode}\` mode with these parameters.`, { param });
  }
}

function lineItems(world: World, params: CreateParams): Stripe.LineItem[] {
  const prices = params.line_items.map((line, i) => {
    const price = world.store.prices.require(line.price, `line_items[${i}][price]`);
    if (price.active) return price;
    throw invalidRequest(`The price specified is inactive. This field only accepts active prices.`, {
      param: `line_items[${i}][price]`,
    });
  });
  if (params.mode === 'subscription') recurringOf(prices);
  else if (prices.some(({ type }) => type === 'recurring')) {
    const message =
      'You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.';
    throw invalidRequest(message, { param: 'mode' });
  }
  return prices.map((price, i) =>
    buildLineItem(world, price, params.line_items[i]?.quantity ?? 1, productName(world, price)),
  );
}

function expiresAt(world: World, wanted: number | undefined): number {
  const now = world.seconds();
  const expires_at = wanted ?? now + DAY;
  if (expires_at < now + HOUR / 2 || expires_at > now + DAY) {
    const message =
      'The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from Checkout Session creation.';
    throw invalidRequest(message, { param: 'expires_at' });
  }
  return expires_at;
}

export const checkoutSessionRoutes: Route[] = [
  route('POST', '/v1/checkout/sessions', createParams, ({ world, params }) => {
    checkTogether(world, params);
    const { subscription_data, payment_intent_data } = params;
    return createSession(world, {
      mode: params.mode,
      customer: params.customer ?? null,
      customer_creation: params.mode === 'payment' ? (params.customer_creation ?? 'if_required') : null,
      customer_email: params.customer_email ?? null,
      client_reference_id: params.client_reference_id ?? null,
      metadata: changeMetadata({}, params.metadata),
      success_url: params.success_url,
      cancel_url: params.cancel_url ?? null,
      expires_at: expiresAt(world, params.expires_at),
      allow_promotion_codes: params.allow_promotion_codes ?? null,
      billing_address_collection: params.billing_address_collection ?? null,
      locale: params.locale ?? null,
      payment_method_collection:
        params.mode === 'subscription' ? (params.payment_method_collection ?? 'always') : 'if_required',
      submit_type: params.submit_type ?? null,
      line_items: lineItems(world, params),
      order: {
        description: subscription_data?.description ?? payment_intent_data?.description ?? null,
        metadata: changeMetadata({}, subscription_data?.metadata ?? payment_intent_data?.metadata),
        trial_end: subscription_data?.trial_end ?? null,
        trial_period_days: subscription_data?.trial_period_days ?? null,
      },
    });
  }),
  route('GET', '/v1/checkout/sessions/:id', z.strictObject({}), ({ world, id }) =>
    world.store.checkout_sessions.require(id),
  ),
  route('POST', '/v1/checkout/sessions/:id', z.strictObject({ metadata }), ({ world, id, params }) => {
    const session = world.store.checkout_sessions.require(id);
    return world.store.checkout_sessions.put({
      ...session,
      metadata: changeMetadata(session.metadata ?? {}, params.metadata),
    });
  }),
  route('POST', '/v1/checkout/sessions/:id/expire', z.strictObject({}), ({ world, id }) => {
    const session = world.store.checkout_sessions.require(id);
    if (session.status !== 'open') {
      throw invalidRequest('Only Checkout Sessions with a status in ["open"] can be expired.');
    }
    return expireSession(world, session);
  }),
  route('GET', '/v1/checkout/sessions/:id/line_items', z.strictObject({ ...pagination }), ({ world, id, params }) => {
    world.store.checkout_sessions.require(id);
    const { data, url } = lineItemsOf(world, id);
    return pageOf(data, params, url);
  }),
  route(
    'GET',
    '/v1/checkout/sessions',
    z.strictObject({
      ...pagination,
      created: range.optional(),
      customer: text.optional(),
      customer_details: z.strictObject({ email: text }).optional(),
      subscription: text.optional(),
      payment_intent: text.optional(),
      status: z.enum(['open', 'complete', 'expired']).optional(),
    }),
    ({ world, params }) => {
      const { customer, customer_details, subscription, payment_intent, status, created } = params;
      return pageOf(
        world.store.checkout_sessions.list(),
        params,
        '/v1/checkout/sessions',
        (session) =>
          (customer === undefined || session.customer === customer) &&
          (subscription === undefined || session.subscription === subscription) &&
          (payment_intent === undefined || session.payment_intent === payment_intent) &&
          (customer_details === undefined || session.customer_details?.email === customer_details.email) &&
          (status === undefined || session.status === status) &&
          isWithin(session.created, created),
      );
    },
  ),
];
