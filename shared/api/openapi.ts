import * as z from '../zod.ts';
import { membersOf, type ProblemCode, problem_codes, problems, problemType } from './problems.ts';
import { type HttpRoute, type Route, service_scope, service_scopes } from './route.ts';
import { account_id } from './schemas.ts';

type Json = Record<string, unknown>;

/** OpenAPI 3.1 (its schemas are JSON Schema 2020-12), made from the forms of the routes. */
export function toOpenApi(forms: readonly HttpRoute[]) {
  const paths: Record<string, Json> = {};
  for (const form of forms) {
    paths[form.path] = { ...paths[form.path], [form.method.toLowerCase()]: toOperation(form) };
  }
  const named = new Map(forms.map(({ route }) => [route.name, route]));
  return {
    openapi: '3.1.1',
    info: {
      title: 'billing-credits',
      version: '1.0.0',
      description:
        'Subscriptions by Stripe, credits kept here. Times are ISO 8601 in UTC, credits whole numbers, money in minor units.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      responses: Object.fromEntries(problem_codes.map((code) => [code, toProblemResponse([code])])),
      schemas: {
        ...Object.fromEntries([...named.values()].flatMap(schemasOf)),
        ...problemSchemas(),
        gateway_refusal: gatewayRefusal,
      },
      securitySchemes: {
        user: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: "A user's token." },
        service: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: `A service's token: its scope contains ${service_scopes.join(' or ')}.`,
        },
      },
    },
  };
}

function toOperation({ route, caller, path }: HttpRoute): Json {
  const own = path === route.path;
  return {
    operationId: own ? route.name : `${route.name}_of_account`,
    summary: route.summary,
    ...(route.spends && caller === 'user' ? { description: spendsByUser } : {}),
    tags: [route.served_by],
    security: securityOf(caller),
    parameters: parametersOf(route, path, caller),
    ...(hasBody(route)
      ? { requestBody: { required: needsBody(route), content: json('application/json', `${route.name}_body`) } }
      : {}),
    responses: { ...successOf(route), ...problemsOf(route, caller) },
  };
}

const spendsByUser =
  'Only where `spending.by_users` is true in billing.config.ts: otherwise 403 `spending_by_users_off`, and backends spend, by the route for services.';

function securityOf(caller: HttpRoute['caller']): Json[] {
  if (caller === 'user') return [{ user: [] }];
  return caller === 'service' ? [{ service: [service_scope] }] : [];
}

function schemasOf(route: Route): [string, Json][] {
  const answer: [string, Json] = [`${route.name}_answer`, toJsonSchema(route.answer, 'output')];
  return hasBody(route) ? [[`${route.name}_body`, toJsonSchema(route.body, 'input')], answer] : [answer];
}

function parametersOf(route: Route, path: string, caller: HttpRoute['caller']): Json[] {
  const account = path.includes('{account_id}') ? [accountParameter] : [];
  return [
    ...account,
    ...fieldsOf(route.params, 'path'),
    ...fieldsOf(route.query, 'query'),
    ...(route.idempotent === 'no' ? [] : [idempotencyKeyParameter]),
    ...(caller === 'stripe' ? [signatureParameter] : []),
  ];
}

const accountParameter = { name: 'account_id', in: 'path', required: true, schema: toJsonSchema(account_id, 'input') };

const idempotencyKeyParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same key with the same body gives the first answer again, for ever.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
};

const signatureParameter = {
  name: 'Stripe-Signature',
  in: 'header',
  required: true,
  schema: { type: 'string' },
};

/** The fields of an object's schema as parameters. */
function fieldsOf(schema: z.core.$ZodType, place: 'path' | 'query'): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: field,
  }));
}

function hasBody({ method }: Route): boolean {
  return method === 'POST' || method === 'PUT';
}

/** An empty body is `{}`. */
function needsBody({ body }: Route): boolean {
  return !z.safeParse(body, {}).success;
}

function successOf({ name, status, idempotent }: Route): Json {
  const replayed = {
    'Idempotency-Replayed': { description: '`true` on an answer that is given again.', schema: { const: 'true' } },
  };
  return {
    [status]: {
      description: status === 201 ? 'Created' : 'OK',
      ...(idempotent === 'no' ? {} : { headers: replayed }),
      content: json('application/json', `${name}_answer`),
    },
  };
}

/** The problems of a route by status: its own, and those of every route of its kind. */
function problemsOf(route: Route, caller: HttpRoute['caller']): Json {
  const by_status = Map.groupBy(problemCodesOf(route, caller), (code) => problems[code].status);
  return Object.fromEntries([...by_status].map(([status, codes]) => [status, problemResponse(codes)]));
}

function problemCodesOf(route: Route, caller: HttpRoute['caller']): ProblemCode[] {
  const has_token = caller === 'user' || caller === 'service';
  const names_something = fieldsOf(route.params, 'path').length > 0;
  const may_be_off = route.spends && caller === 'user';
  return [
    ...route.problems,
    ...(may_be_off ? (['spending_by_users_off'] as const) : []),
    'validation_failed',
    ...(has_token ? (['unauthorized', 'forbidden'] as const) : []),
    ...(names_something ? (['not_found'] as const) : []),
    'payload_too_large',
    ...(route.idempotent === 'by_key' ? (['idempotency_key_reused'] as const) : []),
    'too_many_requests',
    'internal_error',
    'account_busy',
  ];
}

function problemResponse(codes: readonly ProblemCode[]): Json {
  const [code, ...others] = codes;
  return others.length === 0 ? { $ref: `#/components/responses/${code}` } : toProblemResponse(codes);
}

/** An answer by API Gateway itself, before it calls a function or because the function failed. */
const gatewayRefusal = {
  type: 'object',
  description: "The gateway's own refusal, which is no problem document.",
  required: ['message'],
  properties: { message: { type: 'string' } },
};
const gateway_statuses: ReadonlySet<number> = new Set([400, 401, 403, 413, 429, 500, 503]);

function toProblemResponse(codes: readonly ProblemCode[]): Json {
  const may_be_gateways = codes.some((code) => gateway_statuses.has(problems[code].status));
  const gateways = may_be_gateways ? ['gateway_refusal'] : [];
  const names = [...codes.map((code) => `problem_${code}`), ...gateways];
  const schemas = names.map((name) => ({ $ref: `#/components/schemas/${name}` }));
  const retry = { 'Retry-After': { description: 'In seconds.', schema: { type: 'string' } } };
  return {
    description: codes.map((code) => problems[code].title).join('; '),
    ...(codes.includes('account_busy') ? { headers: retry } : {}),
    content: {
      'application/problem+json': { schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas } },
      ...(may_be_gateways ? json('application/json', 'gateway_refusal') : {}),
    },
  };
}

function problemSchemas(): Record<string, Json> {
  return Object.fromEntries(problem_codes.map((code) => [`problem_${code}`, problemSchema(code)]));
}

function problemSchema(code: ProblemCode): Json {
  const { status, title } = problems[code];
  const members = Object.fromEntries(
    Object.entries(membersOf(code)).map(([name, schema]) => [name, toJsonSchema(schema, 'output')]),
  );
  return {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', ...Object.keys(members)],
    properties: {
      type: { const: problemType(code) },
      title: { const: title },
      status: { const: status },
      detail: { type: 'string' },
      code: { const: code },
      ...members,
    },
  };
}

function json(type: string, schema: string): Json {
  return { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } };
}

function toJsonSchema(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, '~standard': __, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
