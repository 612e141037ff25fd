import * as z from '../zod.ts';

const nothing = z.strictObject({});

/** What most routes have in common. Each route names what differs. */
export const route_defaults = {
  for_services: false,
  params: nothing,
  query: nothing,
  body: nothing,
  status: 200,
  problems: [],
  idempotent: 'no',
  spends: false,
} as const;
