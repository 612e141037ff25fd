import type Stripe from 'stripe';
import * as z from 'zod';
import { PRORATION_BEHAVIORS } from '../actions/change-subscription.ts';
import { pageOf } from '../api/lists.ts';
import { boolean, changeMetadata, clearable, integer, metadata, pagination, parseParams, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';

const emptyable = <S extends z.ZodType>(schema: S) => z.union([z.literal('').transform(() => []), z.array(schema)]);
const proration_behavior = z.enum(PRORATION_BEHAVIORS).default('none');

const features = z.strictObject({
  customer_update: z
    .strictObject({ enabled: boolean.default(false), allowed_updates: emptyable(text).default([]) })
    .optional(),
  invoice_history: z.strictObject({ enabled: boolean }).optional(),
  payment_method_update: z.strictObject({ enabled: boolean }).optional(),
  subscription_cancel: z
    .strictObject({
      enabled: boolean,
      mode: z.enum(['at_period_end', 'immediately']).default('at_period_end'),
      proration_behavior,
      cancellation_reason: z.strictObject({ enabled: boolean, options: emptyable(text) }).optional(),
    })
    .optional(),
  subscription_update: z
    .strictObject({
      enabled: boolean,
      billing_cycle_anchor: z.enum(['now', 'unchanged']).optional(),
      default_allowed_updates: emptyable(z.enum(['price', 'quantity', 'promotion_code'])).default([]),
      proration_behavior,
      products: emptyable(
        z.strictObject({
          product: text,
          prices: z.array(text),
          adjustable_quantity: z
            .strictObject({ enabled: boolean, minimum: integer.default(1), maximum: integer.optional() })
            .optional(),
        }),
      ).default([]),
      schedule_at_period_end: z
        .strictObject({
          conditions: emptyable(
            z.strictObject({ type: z.enum(['decreasing_item_amount', 'shortening_interval']) }),
          ).default([]),
        })
        .default({ conditions: [] }),
      trial_update_behavior: z.enum(['continue_trial', 'end_trial']).default('end_trial'),
    })
    .optional(),
});
type FeatureParams = z.infer<typeof features>;

const businessProfile = z.strictObject({
  headline: clearable.optional(),
  privacy_policy_url: clearable.optional(),
  terms_of_service_url: clearable.optional(),
});

const common = {
  business_profile: businessProfile.optional(),
  default_return_url: clearable.optional(),
  login_page: z.strictObject({ enabled: boolean }).optional(),
  metadata: metadata.optional(),
  name: clearable.optional(),
};
const createParams = z.strictObject({ ...common, features });
const updateParams = z.strictObject({ ...common, active: boolean.optional(), features: features.optional() });

type Features = Stripe.BillingPortal.Configuration.Features;

const CLOSED: Features = {
  customer_update: { allowed_updates: [], enabled: false },
  invoice_history: { enabled: false },
  payment_method_update: { enabled: false, payment_method_configuration: null },
  subscription_cancel: {
    cancellation_reason: { enabled: false, feedback_options: null, options: [] },
    enabled: false,
    mode: 'at_period_end',
    proration_behavior: 'none',
  },
  subscription_pause: { duration: { interval_options: [], type: 'indefinite' }, enabled: false },
  subscription_update: {
    billing_cycle_anchor: null,
    default_allowed_updates: [],
    enabled: false,
    products: [],
    proration_behavior: 'none',
    schedule_at_period_end: { conditions: [] },
    trial_update_behavior: 'end_trial',
  },
};

/** A given feature replaces the whole feature. */
function featuresOf(before: Features, given: FeatureParams): Features {
  const { customer_update, invoice_history, payment_method_update, subscription_cancel, subscription_update } = given;
  return {
    ...before,
    ...(customer_update ? { customer_update } : {}),
    ...(invoice_history ? { invoice_history } : {}),
    ...(payment_method_update
      ? { payment_method_update: { ...payment_method_update, payment_method_configuration: null } }
      : {}),
    ...(subscription_cancel
      ? {
          subscription_cancel: {
            ...subscription_cancel,
            cancellation_reason: {
              ...(subscription_cancel.cancellation_reason ?? { enabled: false, options: [] }),
              feedback_options: null,
            },
          },
        }
      : {}),
    ...(subscription_update ? { subscription_update: updateFeature(subscription_update) } : {}),
  };
}

function updateFeature(given: NonNullable<FeatureParams['subscription_update']>): Features['subscription_update'] {
  return {
    ...given,
    billing_cycle_anchor: given.billing_cycle_anchor ?? null,
    products: given.products.map(({ product, prices, adjustable_quantity }) => ({
      product,
      prices,
      adjustable_quantity: {
        enabled: adjustable_quantity?.enabled ?? false,
        maximum: adjustable_quantity?.maximum ?? null,
        minimum: adjustable_quantity?.minimum ?? 1,
      },
    })),
  };
}

/**
 * The portal for sessions that name none. It is made with the parameters that Stripe's API would
 * get, and without an event.
 */
export function addDefaultConfiguration(world: World, params: Stripe.BillingPortal.ConfigurationCreateParams): void {
  const isPlain = (value: unknown) => typeof value === 'boolean' || typeof value === 'number';
  // In a form everything is text.
  const form = JSON.parse(JSON.stringify(params), (_key, value) => (isPlain(value) ? String(value) : value));
  update(world, addConfiguration(world, { id: 'bpc_1default', is_default: true }), parseParams(createParams, form));
}

function addConfiguration(
  world: World,
  { id, is_default }: { id: string; is_default: boolean },
): Stripe.BillingPortal.Configuration {
  const created = world.seconds();
  return world.store.portal_configurations.put({
    id,
    object: 'billing_portal.configuration',
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created,
    default_return_url: null,
    features: CLOSED,
    is_default,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    updated: created,
  });
}

function update(
  world: World,
  before: Stripe.BillingPortal.Configuration,
  params: z.infer<typeof updateParams>,
): Stripe.BillingPortal.Configuration {
  const { business_profile, default_return_url, login_page, name } = params;
  const profile = before.business_profile;
  return world.store.portal_configurations.put({
    ...before,
    active: params.active ?? before.active,
    business_profile: {
      headline: business_profile?.headline ?? profile.headline,
      privacy_policy_url: business_profile?.privacy_policy_url ?? profile.privacy_policy_url,
      terms_of_service_url: business_profile?.terms_of_service_url ?? profile.terms_of_service_url,
    },
    default_return_url: default_return_url === undefined ? before.default_return_url : default_return_url,
    features: params.features === undefined ? before.features : featuresOf(before.features, params.features),
    login_page: login_page === undefined ? before.login_page : { ...login_page, url: null },
    metadata: changeMetadata(before.metadata ?? {}, params.metadata),
    name: name === undefined ? before.name : name,
    updated: world.seconds(),
  });
}

export const portalConfigurationRoutes: Route[] = [
  route('POST', '/v1/billing_portal/configurations', createParams, ({ world, params }) => {
    const configuration = update(world, addConfiguration(world, { id: world.id('bpc_1'), is_default: false }), params);
    world.emit({ type: 'billing_portal.configuration.created', data: { object: configuration } });
    return configuration;
  }),
  route('GET', '/v1/billing_portal/configurations/:id', z.strictObject({}), ({ world, id }) =>
    world.store.portal_configurations.require(id),
  ),
  route('POST', '/v1/billing_portal/configurations/:id', updateParams, ({ world, id, params }) => {
    const configuration = update(world, world.store.portal_configurations.require(id), params);
    world.emit({ type: 'billing_portal.configuration.updated', data: { object: configuration } });
    return configuration;
  }),
  route(
    'GET',
    '/v1/billing_portal/configurations',
    z.strictObject({ ...pagination, active: boolean.optional(), is_default: boolean.optional() }),
    ({ world, params }) => {
      return pageOf(
        world.store.portal_configurations.list(),
        params,
        '/v1/billing_portal/configurations',
        ({ active, is_default }) =>
          (params.active === undefined || active === params.active) &&
          (params.is_default === undefined || is_default === params.is_default),
      );
    },
  ),
];
