import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Problem } from '../../shared/api/problem.ts';
import { body_bytes_max } from '../../shared/api/read-request.ts';
import { routes } from '../../shared/api/routes.ts';
import { type ApiRequest, apiFunction, serve } from '../../shared/api/serve.ts';
import type { Transaction } from '../../shared/api/to-transaction.ts';
import { refusal } from '../../shared/domain/errors.ts';
import { AccountBusy } from '../../shared/store/errors.ts';
import { type Asked, ask, captureLog, lambdaContext, namedFields, service_claims, user_claims } from './events.ts';

type DeductRequest = ApiRequest<typeof routes.deduct>;

const now = Date.parse('2026-11-23T10:00:00Z');
const options = { clock: () => now, account_claim: 'sub', users_may_spend: true };
const good = { amount: 5, description: 'x' };
const own = 'POST /api/credits/deduct';
const of_account = 'POST /api/accounts/{account_id}/credits/deduct';

let logged: ReturnType<typeof captureLog>;
let requests: DeductRequest[];
let fails_with: unknown;
let replayed: boolean;

beforeEach(() => {
  logged = captureLog();
  requests = [];
  fails_with = undefined;
  replayed = false;
});

afterEach(() => {
  vi.restoreAllMocks();
});

function transactionOf({ account_id, actor, body }: DeductRequest): Transaction {
  return {
    entry_id: 'use:1',
    account_id,
    seq: 1,
    transaction_type: 'usage',
    amount: -body.amount,
    balance_after: 95,
    description: body.description,
    lots: [],
    created_at: '2026-11-23T10:00:00.000Z',
    actor,
  };
}

const handler = apiFunction(
  'credits',
  [
    serve(routes.deduct, async (request) => {
      requests.push(request);
      if (fails_with !== undefined) throw fails_with;
      return { body: transactionOf(request), replayed };
    }),
    serve(routes.check, async ({ query }) => ({
      body: { allowed: true, required: query.amount, available_credits: null },
    })),
    serve(routes.transaction, async ({ params }) => {
      throw new Problem('not_found', params.entry_id);
    }),
  ],
  options,
);

const deduct = (asked: Partial<Asked> = {}) =>
  ask(handler, { route_key: own, claims: user_claims, body: good, ...asked }, lambdaContext('lambda-request-1'));

describe('a valid request', () => {
  test('reaches its handler parsed, with caller, key and the only reading of the clock', async () => {
    const answer = await deduct({ headers: { 'idempotency-key': 'k 1' } });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(requests).toMatchObject([
      {
        account_id: 'u_1',
        actor: 'u_1',
        user: 'u_1',
        member: 'u_1',
        params: {},
        query: {},
        body: good,
        idempotency_key: 'user:u_1:k 1',
        has_own_key: true,
        now,
      },
    ]);
    expect(answer.headers).not.toHaveProperty('idempotency-replayed');
  });

  test('without an Idempotency-Key gets one from the Lambda request', async () => {
    await deduct();
    expect(requests[0]).toMatchObject({ idempotency_key: 'user:u_1:lambda-request-1', has_own_key: false });
  });

  test('may arrive in base64 from the gateway', async () => {
    const body = Buffer.from(JSON.stringify({ ...good, description: 'ü' })).toString('base64');
    await deduct({ body, is_base64: true });
    expect(requests[0]?.body.description).toBe('ü');
  });

  test('of a service is about the account in the path', async () => {
    const headers = { 'idempotency-key': 'k 1' };
    await deduct({ route_key: of_account, path: { account_id: 'org|7' }, claims: service_claims, headers });
    expect(requests[0]).toMatchObject({
      account_id: 'org|7',
      actor: 'backend',
      user: null,
      idempotency_key: 'k 1',
    });
    // A service spends for the account as a whole.
    expect(requests[0]).not.toHaveProperty('member');
  });

  test('that was answered before says so', async () => {
    replayed = true;
    expect((await deduct()).headers).toMatchObject({ 'idempotency-replayed': 'true' });
  });
});

describe('the account of a user', () => {
  const members: unknown[] = [];
  const by_org = apiFunction(
    'credits',
    [
      serve(routes.deduct, async (request) => {
        members.push(request.member);
        return { body: transactionOf(request) };
      }),
    ],
    { ...options, account_claim: 'org_id' },
  );
  const asked = { route_key: own, body: good };
  const askOf = (org_id: string) => ask(by_org, { ...asked, claims: { ...user_claims, org_id } });

  test('can come from another claim; the actor stays the person', async () => {
    expect((await askOf('org_1')).body).toMatchObject({ account_id: 'org_1', actor: 'u_1' });
    expect(members).toEqual(['u_1']);
    expect(await ask(by_org, { ...asked, claims: user_claims })).toMatchObject({ status: 403 });
  });

  test.each(['null', '<nil>', 'true', 'false', '[]', '[o1]', '[o1 o2]', '{"a":1}', 'map[a:1]'])(
    'is never %s, which is no text in the token',
    async (org_id) => {
      const { status, body } = await askOf(org_id);
      expect({ status, code: body.code }).toEqual({ status: 403, code: 'forbidden' });
    },
  );

  test.each(['nullable', 'untrue', '7', '[o1', 'o1]'])('can be %s', async (org_id) => {
    expect((await askOf(org_id)).body).toMatchObject({ account_id: org_id });
  });

  test('is the subject, whatever it is called', async () => {
    const { body } = await deduct({ claims: { ...user_claims, sub: 'null' } });
    expect(body).toMatchObject({ account_id: 'null' });
  });

  test.each([
    ['no token', undefined, 401, 'unauthorized'],
    ['a token without subject', { iss: 'x' }, 403, 'forbidden'],
    ['an empty subject', { sub: '' }, 403, 'forbidden'],
    ['a subject of 129 characters', { sub: 'x'.repeat(129) }, 403, 'forbidden'],
    ['a subject with a line break', { sub: 'a\nb' }, 403, 'forbidden'],
    ['a subject that is a list', { sub: ['u_1'] }, 403, 'forbidden'],
  ])('with %s is refused', async (_, claims, status, code) => {
    expect(await deduct({ claims })).toMatchObject({ status, body: { status, code } });
    expect(requests).toEqual([]);
  });
});

describe('the scope of services', () => {
  const named = { route_key: of_account, path: { account_id: 'u_2' } };
  test.each([
    ['a string', { sub: 's', scope: 'openid billing:service' }],
    ['Cognito’s way', { sub: 's', scope: 'billing/service' }],
    ['scp', { sub: 's', scp: ['billing:service'] }],
    ['scp, written Cognito’s way', { sub: 's', scp: ['openid', 'billing/service'] }],
    ['an array as the gateway writes it', { sub: 's', scope: '[openid billing:service]' }],
  ])('is found as %s', async (_, claims) => {
    expect((await deduct({ ...named, claims })).status).toBe(200);
  });

  test.each([
    ['no scope', user_claims],
    ['another', { sub: 's', scope: 'billing:services xbilling:service' }],
    ['its own account', { sub: 'u_2' }],
  ])('with %s is 403', async (_, claims) => {
    expect(await deduct({ ...named, claims })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test.each(['', 'x'.repeat(129), '\u0000', '\ud800'])('an account named %j is 400', async (account_id) => {
    const answer = await deduct({ ...named, path: { account_id }, claims: service_claims });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'path.account_id' }] } });
  });
});

describe('a request body', () => {
  const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
  test.each<[string, unknown, string[]]>([
    ['a field that is missing', { amount: 1 }, ['body.description']],
    ['fields that are unknown', { ...good, a: 1, b: 2 }, ['body.a', 'body.b']],
    ['an amount of 0', { ...good, amount: 0 }, ['body.amount']],
    ['an amount of 1.5', { ...good, amount: 1.5 }, ['body.amount']],
    ['an amount of 2^53', { ...good, amount: 2 ** 53 }, ['body.amount']],
    ['an amount that is text', { ...good, amount: '1' }, ['body.amount']],
    ['an amount beyond all numbers', '{"amount": 1e999, "description": "x"}', ['body.amount']],
    ['half a surrogate pair', { ...good, description: '\ud83d' }, ['body.description']],
    ['a prototype key', '{"__proto__": {"amount": 1}, "amount": 1, "description": "x"}', ['body.__proto__']],
    ['an array', [good], ['body']],
    ['null', 'null', ['body']],
    ['text', '"x"', ['body']],
    ['no JSON', 'amount=1', ['body']],
    ['very deep JSON', nested, ['body']],
    ['a deep unknown field', `{"x": ${nested}, "amount": 1, "description": "x"}`, ['body.x']],
    ['nothing', undefined, ['body.amount', 'body.description']],
  ])('with %s is 400 and names it', async (_, body, paths) => {
    const answer = await deduct({ body });
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'content-type': 'application/problem+json' },
      body: { code: 'validation_failed', type: 'urn:billing-credits:problem:validation_failed', status: 400 },
    });
    expect(namedFields(answer)).toEqual(paths);
    expect(requests).toEqual([]);
  });

  test('that is not UTF-8 is 400', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x7d]).toString('base64');
    expect(await deduct({ body, is_base64: true })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'body' }] },
    });
  });

  test('is limited in bytes: 64 KiB are read, one more is 413', async () => {
    const bodyOf = (bytes: number) => {
      const empty = JSON.stringify({ amount: 1, description: '' });
      const filled = JSON.stringify({ amount: 1, description: 'ü'.repeat((bytes - empty.length) / 2) });
      return filled.padEnd(filled.length + bytes - Buffer.byteLength(filled));
    };
    expect((await deduct({ body: bodyOf(body_bytes_max) })).status).toBe(400);
    const too_large = await deduct({ body: bodyOf(body_bytes_max + 1) });
    expect(too_large).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });

  test('with very many unknown fields gets a short answer', async () => {
    const body = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`field_${index}`, 1]));
    const answer = await deduct({ body });
    expect(answer.body.errors).toHaveLength(20);
    expect(answer.text.length).toBeLessThan(4_000);
  });
});

describe('a query', () => {
  const check = (query: string) => ask(handler, { route_key: 'GET /api/credits/check', claims: user_claims, query });

  test('is parsed', async () => {
    expect((await check('amount=%37')).body.required).toBe(7);
  });

  test.each([
    ['', 'query.amount'],
    ['amount=', 'query.amount'],
    ['amount=1e3', 'query.amount'],
    ['amount=0', 'query.amount'],
    ['amount=9007199254740992', 'query.amount'],
    ['amount=1&amount=1', 'query.amount'],
    ['amount=%E0%A4%A', 'query.amount'],
    ['amount=1&x=2', 'query.x'],
    ['amount=1&__proto__=2', 'query.__proto__'],
    ['amount=1&constructor=2', 'query.constructor'],
  ])('%j is 400 and names it', async (query, path) => {
    expect(await check(query)).toMatchObject({ status: 400, body: { errors: [{ path }] } });
  });

  test('is refused on a route that has none', async () => {
    expect(await deduct({ query: 'amount=1' })).toMatchObject({ status: 400 });
  });
});

test.each(['', 'x'.repeat(256), 'tab\there', 'schlüssel', '💳'])('an Idempotency-Key of %j is 400', async (key) => {
  expect(await deduct({ headers: { 'idempotency-key': key } })).toMatchObject({
    status: 400,
    body: { errors: [{ path: 'header.Idempotency-Key' }] },
  });
});

describe('a failing request', () => {
  test('for lack of credits says how many are required and available', async () => {
    fails_with = refusal('insufficient_credits', { required: 5, available_credits: 3 });
    expect(await deduct()).toMatchObject({
      status: 402,
      body: { code: 'insufficient_credits', required: 5, available_credits: 3, title: 'Not enough credits' },
    });
  });

  test('because the account is busy says when to ask again', async () => {
    fails_with = new AccountBusy();
    expect(await deduct()).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'account_busy' },
    });
  });

  test('because its key was used before is 422', async () => {
    fails_with = refusal('idempotency_key_reused', {});
    expect(await deduct()).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  test.each([new Error('db says: "canary"'), 'canary', null, { code: 'insufficient_credits' }])(
    'unexpectedly is 500 and tells nothing: %j',
    async (error) => {
      fails_with = error;
      const answer = await deduct({ body: { ...good, description: 'canary' } });
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal_error' } });
      expect(answer.text + JSON.stringify(logged())).not.toContain('canary');
      expect(logged().find(({ level }) => level === 'ERROR')).toMatchObject({ request_id: 'lambda-request-1' });
    },
  );

  test('that takes too long is 503 before the function is stopped', async () => {
    fails_with = undefined;
    const never = apiFunction('credits', [serve(routes.deduct, () => new Promise(() => undefined))], options);
    const asked = { route_key: own, claims: user_claims, body: good };
    const answer = await ask(
      never,
      asked,
      lambdaContext('late', () => 260),
    );
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { code: 'account_busy' } });
  });

  test('without a route is 404', async () => {
    expect(await deduct({ route_key: '$default' })).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});

test('a function refuses to start with another function’s route', () => {
  expect(() =>
    apiFunction('access', [serve(routes.deduct, async (r) => ({ body: transactionOf(r) }))], options),
  ).toThrow('deduct is served by credits, not access');
});

describe('the log', () => {
  test('has a line per answer that names request, route, account and outcome, and is a metric', async () => {
    await deduct();
    fails_with = refusal('insufficient_credits', { required: 5, available_credits: 3 });
    await deduct();
    const request = { correlation_id: 'gateway-request-1', request_id: 'lambda-request-1', account_id: 'u_1' };
    expect(logged()).toMatchObject([
      { ...request, message: 'answered', route_key: own, status: '200', route: 'deduct', Succeeded: 1 },
      { ...request, route_key: own, status: '402', code: 'insufficient_credits', route: 'deduct', Refused: 1 },
    ]);
    expect(logged().every((line) => '_aws' in line)).toBe(true);
  });

  test('holds nothing that the caller wrote', async () => {
    const canary = 'canary@example.com';
    const asked = {
      body: { amount: 1, description: canary, [canary]: canary },
      query: `q=${canary}`,
      headers: { authorization: canary, 'idempotency-key': canary, 'user-agent': canary, 'x-correlation-id': canary },
      claims: { ...user_claims, email: canary, name: canary },
    };
    await deduct(asked);
    await deduct({ ...asked, query: '', body: { amount: 1, description: canary } });
    fails_with = new TypeError(canary, { cause: new Error(canary) });
    await deduct({ ...asked, query: '', body: { amount: 1, description: canary } });
    expect(logged().length).toBeGreaterThan(3);
    expect(JSON.stringify(logged())).not.toContain('canary');
  });
});
