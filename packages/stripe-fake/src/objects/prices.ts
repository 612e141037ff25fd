import Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { boolean, changeMetadata, count, integer, isWithin, metadata, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { previousAttributes, type World } from '../world.ts';
import { addProduct } from './products.ts';

const INTERVALS = ['day', 'week', 'month', 'year'] as const;
export type Interval = (typeof INTERVALS)[number];

export interface PriceDetails {
  id?: string | undefined;
  product: string;
  /** Minor units. */
  unit_amount: number;
  currency: string;
  /** Null for a price that is paid once. */
  recurring: { interval: Interval; interval_count: number } | null;
  lookup_key: string | null;
  nickname?: string | null | undefined;
  active?: boolean | undefined;
  metadata?: Stripe.Metadata;
}

/** Stores a price, without an event. */
export function addPrice(world: World, details: PriceDetails): Stripe.Price {
  const { recurring } = details;
  return world.store.prices.put({
    id: details.id ?? world.id('price_1'),
    object: 'price',
    active: details.active ?? true,
    billing_scheme: 'per_unit',
    created: world.seconds(),
    currency: details.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: details.lookup_key,
    metadata: details.metadata ?? {},
    nickname: details.nickname ?? null,
    product: details.product,
    recurring: recurring && { ...recurring, meter: null, trial_period_days: null, usage_type: 'licensed' },
    tax_behavior: 'unspecified',
    tiers_mode: null,
    transform_quantity: null,
    type: recurring === null ? 'one_time' : 'recurring',
    unit_amount: details.unit_amount,
    unit_amount_decimal: Stripe.Decimal.from(details.unit_amount),
  });
}

/** @throws StripeApiError if another price has the key and the request does not transfer it. */
function claimLookupKey(world: World, lookup_key: string, price_id: string | null, transfer: boolean): void {
  const [holder] = world.store.prices.list((price) => price.lookup_key === lookup_key && price.id !== price_id);
  if (holder === undefined) return;
  if (!transfer) {
    const message = `A price (\`${holder.id}\`) already uses that lookup key. Use \`transfer_lookup_key=true\` to transfer it.`;
    throw invalidRequest(message, { param: 'lookup_key' });
  }
  const price = world.store.prices.put({ ...holder, lookup_key: null });
  world.emit({ type: 'price.updated', data: { object: price, previous_attributes: { lookup_key } } });
}

const createParams = z.strictObject({
  product: text.optional(),
  product_data: z.strictObject({ name: text, id: text.optional(), metadata: metadata.optional() }).optional(),
  currency: text.refine((value) => /^[a-z]{3}$/i.test(value)),
  unit_amount: count,
  recurring: z
    .strictObject({
      interval: z.enum(INTERVALS),
      interval_count: integer.pipe(z.number().min(1)).optional(),
      usage_type: z.literal('licensed').optional(),
    })
    .optional(),
  lookup_key: text.optional(),
  transfer_lookup_key: boolean.default(false),
  nickname: text.optional(),
  active: boolean.optional(),
  billing_scheme: z.literal('per_unit').optional(),
  metadata: metadata.optional(),
});

const updateParams = z.strictObject({
  active: boolean.optional(),
  lookup_key: text.optional(),
  transfer_lookup_key: boolean.default(false),
  nickname: text.optional(),
  metadata: metadata.optional(),
});

const listParams = z.strictObject({
  ...pagination,
  active: boolean.optional(),
  created: range.optional(),
  currency: text.optional(),
  lookup_keys: z.array(text).max(10).optional(),
  product: text.optional(),
  type: z.enum(['one_time', 'recurring']).optional(),
  recurring: z.strictObject({ interval: z.enum(INTERVALS).optional() }).optional(),
});

function productOf(world: World, params: z.infer<typeof createParams>): Stripe.Product {
  if (params.product !== undefined) return world.store.products.require(params.product, 'product');
  if (params.product_data === undefined) {
    throw invalidRequest('Missing required param: product.', { code: 'parameter_missing', param: 'product' });
  }
  const { id, name } = params.product_data;
  const product = addProduct(world, { id, name, metadata: changeMetadata({}, params.product_data.metadata) });
  world.emit({ type: 'product.created', data: { object: product } });
  return product;
}

export const priceRoutes: Route[] = [
  route('POST', '/v1/prices', createParams, ({ world, params }) => {
    const product = productOf(world, params);
    if (params.lookup_key !== undefined) claimLookupKey(world, params.lookup_key, null, params.transfer_lookup_key);
    const price = addPrice(world, {
      product: product.id,
      unit_amount: params.unit_amount,
      currency: params.currency.toLowerCase(),
      recurring: params.recurring
        ? { interval: params.recurring.interval, interval_count: params.recurring.interval_count ?? 1 }
        : null,
      lookup_key: params.lookup_key ?? null,
      nickname: params.nickname,
      active: params.active,
      metadata: changeMetadata({}, params.metadata),
    });
    world.emit({ type: 'price.created', data: { object: price } });
    return price;
  }),
  route('GET', '/v1/prices/:id', z.strictObject({}), ({ world, id }) => world.store.prices.require(id)),
  route('POST', '/v1/prices/:id', updateParams, ({ world, id, params }) => {
    const before = world.store.prices.require(id);
    if (params.lookup_key !== undefined) claimLookupKey(world, params.lookup_key, id, params.transfer_lookup_key);
    const price = world.store.prices.put({
      ...before,
      active: params.active ?? before.active,
      lookup_key: params.lookup_key ?? before.lookup_key,
      nickname: params.nickname ?? before.nickname,
      metadata: changeMetadata(before.metadata, params.metadata),
    });
    const previous_attributes = previousAttributes(before, price);
    world.emit({ type: 'price.updated', data: { object: price, previous_attributes } });
    return price;
  }),
  route('GET', '/v1/prices', listParams, ({ world, params }) => {
    const { active, created, currency, lookup_keys, product, type, recurring } = params;
    return pageOf(
      world.store.prices.list(),
      params,
      '/v1/prices',
      (price) =>
        (active === undefined || price.active === active) &&
        (currency === undefined || price.currency === currency) &&
        (lookup_keys === undefined || (price.lookup_key !== null && lookup_keys.includes(price.lookup_key))) &&
        (product === undefined || price.product === product) &&
        isWithin(price.created, created) &&
        (type === undefined || price.type === type) &&
        (recurring?.interval === undefined || price.recurring?.interval === recurring.interval),
    );
  }),
];
