import type Stripe from 'stripe';
import * as z from 'zod';
import {
  changeSubscription,
  type ItemChange,
  PAYMENT_BEHAVIORS,
  PRORATION_BEHAVIORS,
} from '../actions/change-subscription.ts';
import { invalidRequest, resourceMissing } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { count, integer, pagination, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';

const billing = {
  proration_behavior: z.enum(PRORATION_BEHAVIORS).default('create_prorations'),
  payment_behavior: z.enum(PAYMENT_BEHAVIORS).default('allow_incomplete'),
  proration_date: integer.optional(),
};
const billingParams = z.strictObject(billing);

interface Place {
  item: Stripe.SubscriptionItem;
  subscription: Stripe.Subscription;
}

/** @throws StripeApiError `resource_missing` */
function placeOf(world: World, id: string): Place {
  for (const subscription of world.store.subscriptions.list()) {
    const item = subscription.items.data.find((each) => each.id === id);
    if (item !== undefined) return { item, subscription };
  }
  throw resourceMissing('subscription_item', id, 'id');
}

function change(
  world: World,
  subscription: Stripe.Subscription,
  item: ItemChange,
  params: z.infer<typeof billingParams>,
): Stripe.Subscription {
  const { proration_behavior, payment_behavior, proration_date } = params;
  return changeSubscription(world, subscription, {
    attributes: {},
    items: [item],
    proration_behavior,
    payment_behavior,
    proration_date,
  });
}

export const subscriptionItemRoutes: Route[] = [
  route(
    'POST',
    '/v1/subscription_items',
    z.strictObject({ ...billing, subscription: text, price: text, quantity: count.optional() }),
    ({ world, params }) => {
      const { price, quantity } = params;
      const before = world.store.subscriptions.require(params.subscription, 'subscription');
      const after = change(world, before, { price, quantity }, params);
      const added = after.items.data.at(-1);
      if (added === undefined) throw invalidRequest('The item was not added.');
      return added;
    },
  ),
  route('GET', '/v1/subscription_items/:id', z.strictObject({}), ({ world, id }) => placeOf(world, id).item),
  route(
    'POST',
    '/v1/subscription_items/:id',
    z.strictObject({ ...billing, price: text.optional(), quantity: count.optional() }),
    ({ world, id, params }) => {
      const { price, quantity } = params;
      change(world, placeOf(world, id).subscription, { id, price, quantity }, params);
      return placeOf(world, id).item;
    },
  ),
  route('DELETE', '/v1/subscription_items/:id', billingParams, ({ world, id, params }) => {
    change(world, placeOf(world, id).subscription, { id, deleted: true }, params);
    const deleted: Stripe.DeletedSubscriptionItem = { id, object: 'subscription_item', deleted: true };
    return deleted;
  }),
  route('GET', '/v1/subscription_items', z.strictObject({ ...pagination, subscription: text }), ({ world, params }) => {
    const { items } = world.store.subscriptions.require(params.subscription, 'subscription');
    return pageOf(items.data, params, '/v1/subscription_items');
  }),
];
