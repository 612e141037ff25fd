import Stripe from 'stripe';
import { stripeIdempotencyKey } from '../../shared/stripe/idempotency-key.ts';
import { managed } from '../../shared/stripe/managed.ts';
import type { Change, PortalPlan } from './change.ts';
import { contains } from './contains.ts';
import { portalFeatures, portalParams } from './portal-features.ts';

/**
 * The id of what was written, and the signing secret of a new endpoint: Stripe shows it only this
 * once.
 */
export interface Applied {
  readonly id: string;
  readonly signing_secret?: string;
}

/**
 * Makes one change. Rejects with the SDK's errors. What was done before stays, and the next plan
 * holds the rest.
 */
export async function applyChange(stripe: Stripe, change: Change): Promise<Applied> {
  switch (change.kind) {
    case 'create_product':
      return createProduct(stripe, change);
    case 'update_product':
      return stripe.products.update(change.id, change.params);
    case 'create_price':
      return createPrice(stripe, change);
    case 'update_price':
      return stripe.prices.update(change.id, change.params);
    case 'deactivate_price':
      return stripe.prices.update(change.price.id, { active: false });
    case 'create_portal':
      return createPortal(stripe, change);
    case 'update_portal': {
      const features = portalFeatures(await pricesOf(stripe, change.plans));
      return stripe.billingPortal.configurations.update(change.id, { features });
    }
    case 'create_endpoint':
      return createEndpoint(stripe, change);
    case 'update_endpoint': {
      const enabled_events = [...change.endpoint.enabled_events];
      return stripe.webhookEndpoints.update(change.id, { enabled_events, disabled: false });
    }
    case 'disable_endpoint':
      return stripe.webhookEndpoints.update(change.outdated.id, { disabled: true });
  }
}

type Of<K extends Change['kind']> = Extract<Change, { kind: K }>;

function createProduct(stripe: Stripe, { product: { id, name, metadata } }: Of<'create_product'>): Promise<Applied> {
  const params: Stripe.ProductCreateParams = { id, name, metadata: { ...metadata } };
  return createOnce({
    key: keyOf('product', params, []),
    create: (idempotencyKey) => stripe.products.create(params, { idempotencyKey }),
    retrieve: (made) => stripe.products.retrieve(made),
    as_made: {},
  });
}

function createPrice(stripe: Stripe, { product, price, replaces, seen }: Of<'create_price'>): Promise<Applied> {
  const { interval, metadata, ...fields } = price;
  const params: Stripe.PriceCreateParams = {
    ...fields,
    product,
    metadata: { ...metadata },
    ...(interval !== null && { recurring: { interval } }),
    ...(replaces !== null && { transfer_lookup_key: true, ...taxBehavior(replaces) }),
  };
  return createOnce({
    key: keyOf('price', params, seen),
    create: (idempotencyKey) => stripe.prices.create(params, { idempotencyKey }),
    retrieve: (made) => stripe.prices.retrieve(made),
    as_made: { active: true, lookup_key: price.lookup_key },
  });
}

/** Whether tax comes on top is set in Stripe; a new amount keeps that setting. */
function taxBehavior({ tax_behavior }: Stripe.Price): Pick<Stripe.PriceCreateParams, 'tax_behavior'> {
  return tax_behavior === null || tax_behavior === 'unspecified' ? {} : { tax_behavior };
}

async function createPortal(stripe: Stripe, { plans, seen }: Of<'create_portal'>): Promise<Applied> {
  const params = portalParams(await pricesOf(stripe, plans));
  return createOnce({
    key: keyOf('portal', params, seen),
    create: (idempotencyKey) => stripe.billingPortal.configurations.create(params, { idempotencyKey }),
    retrieve: (made) => stripe.billingPortal.configurations.retrieve(made),
    as_made: { active: true },
  });
}

async function createEndpoint(stripe: Stripe, { endpoint, seen }: Of<'create_endpoint'>): Promise<Applied> {
  const { url, api_version, enabled_events } = endpoint;
  const params: Stripe.WebhookEndpointCreateParams = {
    url,
    api_version,
    enabled_events: [...enabled_events],
    description: 'billing-credits',
    metadata: { ...managed },
  };
  const { id, secret } = await createOnce({
    key: keyOf('endpoint', params, seen),
    create: (idempotencyKey) => stripe.webhookEndpoints.create(params, { idempotencyKey }),
    retrieve: (made) => stripe.webhookEndpoints.retrieve(made),
    as_made: {},
  });
  return secret === undefined ? { id } : { id, signing_secret: secret };
}

/** The ids of the portal's prices, found by their lookup keys. */
function pricesOf(stripe: Stripe, plans: readonly PortalPlan[]) {
  return Promise.all(
    plans.map(async ({ product, lookup_keys }) => {
      const { data } = await stripe.prices.list({ lookup_keys: [...lookup_keys], active: true });
      return { product, prices: data.map(({ id }) => id) };
    }),
  );
}

/**
 * The idempotency key of a request. Two runs at once, or a run after one that crashed, make the
 * same request under the same key, so Stripe makes one object.
 */
function keyOf(noun: string, params: object, seen: readonly string[]): string {
  return stripeIdempotencyKey(`sync-${noun}`, JSON.stringify(params), ...seen);
}

interface Creation<T extends { id: string }> {
  readonly key: string;
  readonly create: (idempotency_key: string) => Promise<Stripe.Response<T>>;
  readonly retrieve: (id: string) => Promise<unknown>;
  /** What an object must contain to be the one that is meant. */
  readonly as_made: object;
}

/**
 * Creates an object under a key. For a day Stripe answers a key with what it made the first time,
 * even if somebody has deleted it or put it out of use since. Then this makes it again, under
 * another key.
 */
async function createOnce<T extends { id: string }>(creation: Creation<T>): Promise<T> {
  const { key, create, retrieve, as_made } = creation;
  const made = await create(key);
  const is_replay = made.lastResponse.headers['idempotent-replayed'] === 'true';
  if (!is_replay || contains(await orNull(retrieve(made.id)), as_made)) return made;
  return createOnce({ ...creation, key: stripeIdempotencyKey('again', key, made.id) });
}

async function orNull(retrieving: Promise<unknown>): Promise<unknown> {
  try {
    return await retrieving;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing') return null;
    throw error;
  }
}
