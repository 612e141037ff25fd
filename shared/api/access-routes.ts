import * as z from '../zod.ts';
import { features_answer, override_answer, usage_answer, usage_recorded_answer } from './access-answers.ts';
import { type Route, service_prefix } from './route.ts';
import { route_defaults } from './route-defaults.ts';
import * as s from './schemas.ts';

const features = {
  ...route_defaults,
  name: 'features',
  summary: 'The features that the account has',
  method: 'GET',
  path: '/api/features',
  caller: 'user',
  for_services: true,
  served_by: 'access',
  answer: features_answer,
} as const satisfies Route;

const feature = {
  ...route_defaults,
  name: 'feature',
  summary: 'Whether the account has the feature: 200, or 403 with the plans that have it',
  method: 'GET',
  path: '/api/features/{feature}',
  caller: 'user',
  for_services: true,
  served_by: 'access',
  params: z.strictObject({ feature: s.feature_name }),
  answer: z.strictObject({ feature: z.string(), allowed: z.literal(true) }),
  problems: ['feature_not_in_plan'],
} as const satisfies Route;

const put_feature_override = {
  ...route_defaults,
  name: 'put_feature_override',
  summary: 'Give an account a feature, or deny it one, whatever its plan says',
  method: 'PUT',
  path: `${service_prefix}/features/{feature}`,
  caller: 'service',
  served_by: 'access',
  params: z.strictObject({ feature: s.feature_name }),
  body: z.strictObject({ allowed: z.boolean(), expires_at: z.optional(s.moment) }),
  answer: override_answer,
  problems: ['too_many_overrides'],
} as const satisfies Route;

const delete_feature_override = {
  ...route_defaults,
  name: 'delete_feature_override',
  summary: 'Let the plan alone say whether the account has the feature',
  method: 'DELETE',
  path: `${service_prefix}/features/{feature}`,
  caller: 'service',
  served_by: 'access',
  params: z.strictObject({ feature: s.feature_name }),
  answer: override_answer,
} as const satisfies Route;

const record_usage = {
  ...route_defaults,
  name: 'record_usage',
  summary: 'Count a use of a feature that costs no credits',
  method: 'POST',
  path: '/api/usage',
  caller: 'user',
  for_services: true,
  served_by: 'access',
  body: z.strictObject({
    feature: s.feature_name,
    count: z._default(z.int().check(z.minimum(1), z.maximum(1_000_000_000)), 1),
  }),
  status: 201,
  answer: usage_recorded_answer,
  idempotent: 'by_key',
  spends: true,
} as const satisfies Route;

const usage = {
  ...route_defaults,
  name: 'usage',
  summary: 'Uses and credits by feature and UTC day; the last 30 days unless told',
  method: 'GET',
  path: '/api/usage',
  caller: 'user',
  for_services: true,
  served_by: 'access',
  query: z.strictObject({
    from: z.optional(s.date),
    to: z.optional(s.date),
    feature: z.optional(s.feature_name),
    cursor: z
      .optional(s.text(500))
      .check(z.describe('The next_cursor of an earlier page. It stands alone: it holds the range of days.')),
  }),
  answer: usage_answer,
} as const satisfies Route;

const health = {
  ...route_defaults,
  name: 'health',
  summary: 'Whether the API answers',
  method: 'GET',
  path: '/api/health',
  caller: 'public',
  served_by: 'access',
  answer: z.strictObject({ status: z.literal('ok') }),
} as const satisfies Route;

const openapi = {
  ...route_defaults,
  name: 'openapi',
  summary: 'This contract as OpenAPI 3.1',
  method: 'GET',
  path: '/api/openapi.json',
  caller: 'public',
  served_by: 'access',
  answer: z.looseObject({ openapi: z.string() }),
} as const satisfies Route;

/** Routes for features, usage, and the API's own description. */
export const access_routes = {
  features,
  feature,
  put_feature_override,
  delete_feature_override,
  record_usage,
  usage,
  health,
  openapi,
} as const;
