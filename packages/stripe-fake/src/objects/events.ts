import type Stripe from 'stripe';
import * as z from 'zod';
import { invalidRequest, resourceMissing } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { boolean, isWithin, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { DAY } from './periods.ts';

/** Stripe lists the events of the last 30 days. */
const LISTED_DAYS = 30;

const listParams = z.strictObject({
  ...pagination,
  created: range.optional(),
  delivery_success: boolean.optional(),
  type: text.optional(),
  types: z.array(text).max(20).optional(),
});

/** Whether the type matches; `invoice.*` means every type that begins with `invoice.`. */
function matchesType(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

/** The events that Stripe still lists, newest first. */
function listedEvents(world: World): Stripe.Event[] {
  const oldest = world.seconds() - LISTED_DAYS * DAY;
  return world.store.events.list(({ created }) => created >= oldest);
}

export const eventRoutes: Route[] = [
  route('GET', '/v1/events/:id', z.strictObject({}), ({ world, id }) => {
    const event = world.store.events.require(id);
    if (event.created >= world.seconds() - LISTED_DAYS * DAY) return event;
    throw resourceMissing('event', id, 'id');
  }),
  route('GET', '/v1/events', listParams, ({ world, params }) => {
    const { created, delivery_success, type } = params;
    if (params.types !== undefined && type !== undefined) {
      throw invalidRequest('You may only specify one of these parameters: type, types.', { param: 'type' });
    }
    const wanted = params.types ?? [type ?? '*'];
    return pageOf(
      listedEvents(world),
      params,
      '/v1/events',
      (event) =>
        isWithin(event.created, created) &&
        (delivery_success === undefined || (event.pending_webhooks === 0) === delivery_success) &&
        wanted.some((each) => matchesType(event.type, each)),
    );
  }),
];
