import * as z from '../zod.ts';
import { member_cap_answer } from './credits-answers.ts';
import { type Route, service_prefix } from './route.ts';
import { route_defaults } from './route-defaults.ts';
import * as s from './schemas.ts';

const of_member = {
  ...route_defaults,
  path: `${service_prefix}/members/{member}/cap`,
  caller: 'service',
  served_by: 'credits',
  params: z.strictObject({ member: s.member }),
  answer: member_cap_answer,
} as const;

const member_cap = {
  ...of_member,
  name: 'member_cap',
  summary: 'What a member may spend in a calendar month, and has spent',
  method: 'GET',
} as const satisfies Route;

const put_member_cap = {
  ...of_member,
  name: 'put_member_cap',
  summary: 'Limit what a member may spend in a calendar month',
  method: 'PUT',
  body: z.strictObject({ monthly_credits: s.credits }),
} as const satisfies Route;

const delete_member_cap = {
  ...of_member,
  name: 'delete_member_cap',
  summary: 'Let a member spend what the account has',
  method: 'DELETE',
} as const satisfies Route;

/** Routes for limits of people who share an account. */
export const members_routes = { member_cap, put_member_cap, delete_member_cap } as const;
