import type Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { boolean, changeMetadata, clearable, isWithin, metadata, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { previousAttributes, type World } from '../world.ts';

export interface ProductDetails {
  id?: string | undefined;
  name: string;
  description?: string | null | undefined;
  active?: boolean | undefined;
  metadata: Stripe.Metadata;
}

/** Stores a product, without an event. */
export function addProduct(world: World, details: ProductDetails): Stripe.Product {
  const created = world.seconds();
  return world.store.products.put({
    id: details.id ?? world.id('prod_', 14),
    object: 'product',
    active: details.active ?? true,
    created,
    default_price: null,
    description: details.description ?? null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: details.metadata,
    name: details.name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: created,
    url: null,
  });
}

const createParams = z.strictObject({
  id: text.optional(),
  name: text,
  description: text.optional(),
  active: boolean.optional(),
  metadata: metadata.optional(),
});

const updateParams = z.strictObject({
  name: text.optional(),
  description: clearable.optional(),
  active: boolean.optional(),
  default_price: text.optional(),
  metadata: metadata.optional(),
});

const listParams = z.strictObject({
  ...pagination,
  active: boolean.optional(),
  created: range.optional(),
  ids: z.array(text).optional(),
});

export const productRoutes: Route[] = [
  route('POST', '/v1/products', createParams, ({ world, params }) => {
    if (params.id !== undefined && world.store.products.get(params.id) !== undefined) {
      throw invalidRequest('Product already exists.', { code: 'resource_already_exists', param: 'id' });
    }
    const product = addProduct(world, { ...params, metadata: changeMetadata({}, params.metadata) });
    world.emit({ type: 'product.created', data: { object: product } });
    return product;
  }),
  route('GET', '/v1/products/:id', z.strictObject({}), ({ world, id }) => world.store.products.require(id)),
  route('POST', '/v1/products/:id', updateParams, ({ world, id, params }) => {
    const before = world.store.products.require(id);
    const product = world.store.products.put({
      ...before,
      name: params.name ?? before.name,
      description: params.description === undefined ? before.description : params.description,
      active: params.active ?? before.active,
      default_price: params.default_price ?? before.default_price ?? null,
      metadata: changeMetadata(before.metadata, params.metadata),
      updated: world.seconds(),
    });
    const previous_attributes = previousAttributes(before, product);
    world.emit({ type: 'product.updated', data: { object: product, previous_attributes } });
    return product;
  }),
  route('GET', '/v1/products', listParams, ({ world, params }) =>
    pageOf(
      world.store.products.list(),
      params,
      '/v1/products',
      ({ id, active, created }) =>
        (params.active === undefined || params.active === active) &&
        (params.ids === undefined || params.ids.includes(id)) &&
        isWithin(created, params.created),
    ),
  ),
  route('DELETE', '/v1/products/:id', z.strictObject({}), ({ world, id }) => {
    const product = world.store.products.require(id);
    if (world.store.prices.list((price) => price.product === id).length > 0) {
      throw invalidRequest('This product cannot be deleted because it has one or more user-created prices.');
    }
    world.store.products.delete(id);
    world.emit({ type: 'product.deleted', data: { object: product } });
    const deleted: Stripe.DeletedProduct = { id, object: 'product', deleted: true };
    return deleted;
  }),
];
