import Stripe from 'stripe';
import * as z from 'zod';
import { pageOf } from '../api/lists.ts';
import { boolean, changeMetadata, clearable, metadata, pagination, text, url } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';

interface EndpointDetails {
  url: string;
  enabled_events: string[];
  description: string | null;
  metadata: Stripe.Metadata;
  /** The first is the current one. The others sign as well while it is being rotated. */
  secrets: string[];
  /** A new one by default. */
  id?: string;
}

/** Stores an endpoint. Only the answer that makes it shows its secret. */
export function addWebhookEndpoint(world: World, details: EndpointDetails): Stripe.WebhookEndpoint {
  const endpoint = world.store.webhook_endpoints.put({
    id: details.id ?? world.id('we_1'),
    object: 'webhook_endpoint',
    api_version: Stripe.API_VERSION,
    application: null,
    created: world.seconds(),
    description: details.description,
    enabled_events: details.enabled_events,
    livemode: false,
    metadata: details.metadata,
    status: 'enabled',
    url: details.url,
  });
  world.store.webhook_secrets.set(endpoint.id, details.secrets);
  return endpoint;
}

export function wantsEvent(endpoint: Stripe.WebhookEndpoint, type: string): boolean {
  const { enabled_events, status } = endpoint;
  return status === 'enabled' && (enabled_events.includes('*') || enabled_events.includes(type));
}

const createParams = z.strictObject({
  url,
  enabled_events: z.array(text).min(1),
  api_version: z.literal(Stripe.API_VERSION).optional(),
  description: clearable.optional(),
  metadata: metadata.optional(),
});

const updateParams = z.strictObject({
  url: url.optional(),
  enabled_events: z.array(text).min(1).optional(),
  description: clearable.optional(),
  disabled: boolean.optional(),
  metadata: metadata.optional(),
});

export const webhookEndpointRoutes: Route[] = [
  route('POST', '/v1/webhook_endpoints', createParams, ({ world, params }) => {
    const secret = world.id('whsec_', 32);
    const endpoint = addWebhookEndpoint(world, {
      url: params.url,
      enabled_events: params.enabled_events,
      description: params.description ?? null,
      metadata: changeMetadata({}, params.metadata),
      secrets: [secret],
    });
    return { ...endpoint, secret };
  }),
  route('GET', '/v1/webhook_endpoints/:id', z.strictObject({}), ({ world, id }) =>
    world.store.webhook_endpoints.require(id),
  ),
  route('POST', '/v1/webhook_endpoints/:id', updateParams, ({ world, id, params }) => {
    const before = world.store.webhook_endpoints.require(id);
    return world.store.webhook_endpoints.put({
      ...before,
      url: params.url ?? before.url,
      enabled_events: params.enabled_events ?? before.enabled_events,
      description: params.description === undefined ? before.description : params.description,
      status: params.disabled === undefined ? before.status : params.disabled ? 'disabled' : 'enabled',
      metadata: changeMetadata(before.metadata, params.metadata),
    });
  }),
  route('GET', '/v1/webhook_endpoints', z.strictObject({ ...pagination }), ({ world, params }) =>
    pageOf(world.store.webhook_endpoints.list(), params, '/v1/webhook_endpoints'),
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', z.strictObject({}), ({ world, id }) => {
    world.store.webhook_endpoints.require(id);
    world.store.webhook_endpoints.delete(id);
    const deleted: Stripe.DeletedWebhookEndpoint = { id, object: 'webhook_endpoint', deleted: true };
    return deleted;
  }),
];
