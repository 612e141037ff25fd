import * as z from 'zod';
import { pageOf } from '../api/lists.ts';
import { isWithin, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import { DAY } from './periods.ts';

/** Stripe lists the events of the last 30 days. */
const LISTED_DAYS = 30;

const listParams = z.strictObject({
  ...pagination,
  created: range.optional(),
  type: text.optional(),
  types: z.array(text).max(20).optional(),
});

/** `invoice.*` stands for every type that begins with `invoice.`. */
function matchesType(type: string, wanted: string): boolean {
  return wanted.endsWith('*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted;
}

export const eventRoutes: Route[] = [
  route('GET', '/v1/events/:id', z.strictObject({}), ({ world, id }) => world.store.events.require(id)),
  route('GET', '/v1/events', listParams, ({ world, params }) => {
    const oldest = world.seconds() - LISTED_DAYS * DAY;
    const wanted = params.types ?? (params.type === undefined ? ['*'] : [params.type]);
    const rows = world.store.events.list(
      ({ type, created }) =>
        created >= oldest && isWithin(created, params.created) && wanted.some((each) => matchesType(type, each)),
    );
    return pageOf(rows, params, '/v1/events');
  }),
];
