import type Stripe from 'stripe';
import * as z from 'zod';
import { listOf, pageOf } from '../api/lists.ts';
import { changeMetadata, clearable, isWithin, metadata, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { createCustomer, updateCustomer } from './customers.ts';
import { endSubscription, isLive } from './subscriptions.ts';

/** Ends the customer's subscriptions at once and leaves a tombstone. */
function deleteCustomer(world: World, customer: Stripe.Customer): Stripe.DeletedCustomer {
  for (const subscription of world.store.subscriptions.list((row) => row.customer === customer.id && isLive(row))) {
    endSubscription(world, subscription, null);
  }
  world.store.customers.delete(customer.id);
  world.emit({ type: 'customer.deleted', data: { object: customer } });
  return world.store.deleted_customers.put({ id: customer.id, object: 'customer', deleted: true });
}

const createParams = z.strictObject({
  email: text.optional(),
  name: text.optional(),
  phone: text.optional(),
  description: text.optional(),
  metadata: metadata.optional(),
});

const updateParams = z.strictObject({
  email: clearable.optional(),
  name: clearable.optional(),
  phone: clearable.optional(),
  description: clearable.optional(),
  metadata: metadata.optional(),
  invoice_settings: z.strictObject({ default_payment_method: text }).optional(),
});

const listParams = z.strictObject({ ...pagination, email: text.optional(), created: range.optional() });

function changeOf(
  world: World,
  before: Stripe.Customer,
  params: z.infer<typeof updateParams>,
): Partial<Stripe.Customer> {
  const { email, name, phone, description, invoice_settings } = params;
  if (invoice_settings) {
    const param = 'invoice_settings[default_payment_method]';
    world.store.payment_methods.require(invoice_settings.default_payment_method, param);
  }
  return {
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    ...(phone === undefined ? {} : { phone }),
    ...(description === undefined ? {} : { description }),
    ...(invoice_settings ? { invoice_settings: { ...before.invoice_settings, ...invoice_settings } } : {}),
    metadata: changeMetadata(before.metadata, params.metadata),
  };
}

export const customerRoutes: Route[] = [
  route('POST', '/v1/customers', createParams, ({ world, params }) =>
    createCustomer(world, { ...params, metadata: changeMetadata({}, params.metadata) }),
  ),
  route(
    'GET',
    '/v1/customers/:id',
    z.strictObject({}),
    ({ world, id }) => world.store.deleted_customers.get(id) ?? world.store.customers.require(id),
  ),
  route('POST', '/v1/customers/:id', updateParams, ({ world, id, params }) => {
    const before = world.store.customers.require(id);
    return updateCustomer(world, before, changeOf(world, before, params));
  }),
  route('DELETE', '/v1/customers/:id', z.strictObject({}), ({ world, id }) =>
    deleteCustomer(world, world.store.customers.require(id)),
  ),
  route('GET', '/v1/customers', listParams, ({ world, params }) => {
    return pageOf(
      world.store.customers.list(),
      params,
      '/v1/customers',
      ({ email, created }) =>
        (params.email === undefined || email === params.email) && isWithin(created, params.created),
    );
  }),
  route('GET', '/v1/customers/:id/payment_methods', z.strictObject({ ...pagination }), ({ world, id, params }) => {
    return pageOf(
      world.store.payment_methods.list(),
      params,
      `/v1/customers/${id}/payment_methods`,
      ({ customer }) => customer === id,
    );
  }),
];

/** Fields that `expand` may add to a customer. */
export function subscriptionsOfCustomer(world: World, id: string): Stripe.ApiList<Stripe.Subscription> {
  const rows = world.store.subscriptions.list((row) => row.customer === id && row.status !== 'canceled');
  return listOf(rows, `/v1/customers/${id}/subscriptions`);
}
