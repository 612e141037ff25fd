import { describe, expect, test } from 'vitest';
import { toOpenApi } from '../../shared/api/openapi.ts';
import { problem_codes } from '../../shared/api/problems.ts';
import { type HttpRoute, httpFormsOf } from '../../shared/api/route.ts';
import { httpRoutes, routes } from '../../shared/api/routes.ts';

// As a client sees it: after the way through JSON.
const document = JSON.parse(JSON.stringify(toOpenApi(httpRoutes())));
const operationOf = ({ path, method }: HttpRoute) => document.paths[path][method.toLowerCase()];
const forms = httpRoutes().map((form) => [form.route_key, form] as const);
const operation = (route: keyof typeof routes, form = 0) => {
  const found = httpFormsOf(routes[route])[form];
  if (found === undefined) throw new Error(`${route} has no form ${form}`);
  return operationOf(found);
};

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  );
}

describe('the OpenAPI document', () => {
  test('has the parts that OpenAPI 3.1 requires', () => {
    expect(document).toMatchObject({
      openapi: '3.1.1',
      info: { title: expect.any(String), version: expect.any(String) },
    });
    expect(new Set(Object.keys(document))).toEqual(new Set(['openapi', 'info', 'servers', 'paths', 'components']));
  });

  test('has every form of every route and nothing else', () => {
    const described = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described).toHaveLength(forms.length);
    expect(new Set(described)).toEqual(new Set(forms.map(([key]) => key)));
  });

  test('names each operation once', () => {
    const ids = forms.map(([, form]) => operationOf(form).operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('defines everything it refers to', () => {
    for (const ref of refsIn(document)) {
      const found = ref
        .replace('#/', '')
        .split('/')
        .reduce((at: Record<string, unknown>, step) => Object(at[step]), document);
      expect(Object.keys(found), ref).not.toEqual([]);
    }
  });

  test.each(forms)('%s declares its path’s parameters, its security and its answers', (_, form) => {
    const { parameters, security, responses } = operationOf(form);
    const in_path = parameters.filter((one: { in: string }) => one.in === 'path');
    const named = [...form.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(new Set(in_path.map((one: { name: string }) => one.name))).toEqual(new Set(named));
    for (const one of in_path) expect(one).toMatchObject({ required: true, schema: { type: 'string' } });

    const scheme = { user: [{ user: [] }], service: [{ service: ['billing:service'] }], public: [], stripe: [] };
    expect(security).toEqual(scheme[form.caller]);

    expect(responses[form.route.status].content).toHaveProperty(['application/json', 'schema', '$ref']);
    for (const [status, response] of Object.entries<Record<string, unknown>>(responses)) {
      expect(status).toMatch(/^[2-5]\d\d$/);
      expect('$ref' in response || 'description' in response).toBe(true);
    }
  });
});

describe('an operation', () => {
  test('that changes something takes an Idempotency-Key and tells of replays', () => {
    expect(operation('deduct').parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header', required: false }]);
    expect(operation('deduct').responses['200'].headers).toHaveProperty('Idempotency-Replayed');
    expect(operation('credits').parameters).toEqual([]);
  });

  test('that is idempotent by nature says so, and has no key to be reused', () => {
    const { parameters, responses } = operation('settle');
    expect(parameters.map(({ name }: { name: string }) => name)).toEqual(['hold_id', 'Idempotency-Key']);
    expect(responses['200'].headers).toHaveProperty('Idempotency-Replayed');
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['402', '404', '409']));
    expect(Object.keys(responses)).not.toContain('422');
  });

  test('with two kinds of 402 describes both and their members', () => {
    expect(JSON.stringify(operation('deduct').responses['402'])).toContain('problem_member_cap_exceeded');
    expect(document.components.schemas.problem_member_cap_exceeded.required).toEqual(
      expect.arrayContaining(['required', 'monthly_credits', 'used_credits']),
    );
    expect(document.components.schemas.problem_refund_exceeds_charge.required).toContain('refundable_credits');
  });

  test('lists the problems it can answer', () => {
    expect(Object.keys(operation('deduct').responses)).toEqual(
      expect.arrayContaining(['200', '400', '401', '402', '403', '413', '422', '429', '503']),
    );
    expect(JSON.stringify(operation('feature').responses['403'])).toContain('problem_feature_not_in_plan');
    expect(Object.keys(operation('plans').responses)).not.toContain('401');
  });

  test('says where the gateway itself may refuse, without a problem document', () => {
    const { gateway_refusal } = document.components.schemas;
    expect(gateway_refusal).toMatchObject({ type: 'object', required: ['message'] });
    const ref = { $ref: '#/components/schemas/gateway_refusal' };
    for (const code of ['unauthorized', 'forbidden', 'payload_too_large', 'too_many_requests', 'internal_error']) {
      expect(document.components.responses[code].content).toMatchObject({ 'application/json': { schema: ref } });
    }
    expect(document.components.responses.insufficient_credits.content).not.toHaveProperty(['application/json']);
  });

  test('has the schema of its body, with its optional members', () => {
    expect(document.components.schemas.deduct_body).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['amount', 'description'],
      properties: { amount: { type: 'integer', minimum: 1 } },
    });
    expect(document.components.schemas.checkout_body).toMatchObject({
      additionalProperties: false,
      oneOf: [
        { required: ['plan'], properties: { pack: false, quantity: false } },
        { required: ['pack'], properties: { plan: false, interval: false } },
      ],
    });
    expect(document.components.schemas.checkout_body).not.toHaveProperty('required');
    expect(document.components.schemas.grant_body).toMatchObject({
      required: ['amount', 'description'],
      properties: {
        expires_at: { type: 'string', format: 'date-time' },
        priority: { type: 'integer', minimum: 0, maximum: 100, default: 50 },
      },
    });
    expect(document.components.schemas.hold_body.properties.expires_in).toMatchObject({
      minimum: 1,
      maximum: 86_400,
      default: 3_600,
    });
    expect(document.components.schemas.deduct_batch_body.properties.items).toMatchObject({ minItems: 1, maxItems: 40 });
    expect(operation('portal').requestBody.required).toBe(false);
    expect(operation('deduct').requestBody.required).toBe(true);
    expect(operation('credits')).not.toHaveProperty('requestBody');
  });

  test('describes numbers in a query as numbers', () => {
    expect(operation('check').parameters).toMatchObject([
      { name: 'amount', in: 'query', required: true, schema: { type: 'integer', minimum: 1 } },
    ]);
    expect(operation('check').parameters[0].schema).not.toHaveProperty('pattern');
  });

  test('of an account says the same as that of its user', () => {
    const { parameters, operationId, security, ...same } = operation('checkout', 1);
    expect(operation('checkout')).toMatchObject(same);
    expect({ operationId, security }).toEqual({
      operationId: 'checkout_of_account',
      security: [{ service: ['billing:service'] }],
    });
    expect(parameters[0]).toMatchObject({
      name: 'account_id',
      in: 'path',
      schema: { type: 'string', minLength: 1, maxLength: 128, pattern: expect.any(String) },
    });
  });

  test('that spends says of users, and of them only, that they may only where the configuration lets them', () => {
    const refusals = (form: 0 | 1) => JSON.stringify(operation('deduct', form).responses[403]);
    expect(operation('deduct').description).toContain('spending.by_users');
    expect(refusals(0)).toContain('problem_spending_by_users_off');
    expect(operation('deduct', 1)).not.toHaveProperty('description');
    expect(refusals(1)).not.toContain('spending_by_users_off');
  });
});

test.each(problem_codes)('problem %s has its schema and its response', (code) => {
  expect(document.components.schemas[`problem_${code}`].properties.code).toEqual({ const: code });
  expect(document.components.responses[code].content).toHaveProperty(['application/problem+json']);
});
