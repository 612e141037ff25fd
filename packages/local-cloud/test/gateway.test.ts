import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { JwtAuthorizers } from '../src/authorizer.ts';
import { VirtualClock } from '../src/clock.ts';
import { FunctionFailed } from '../src/function-runner.ts';
import { Gateway, internalError, most_body_bytes, tooLarge, unavailable } from '../src/gateway.ts';
import { type HttpServer, startHttpServer } from '../src/http-server.ts';
import { createIssuer, type Issuer } from '../src/issuer.ts';
import { jsonAnswer } from '../src/problem.ts';
import { readSystem } from '../src/system.ts';
import { smallTemplate } from './small-template.ts';

const clock = new VirtualClock();
let issuers: HttpServer;
let api: HttpServer;
let issuer: Issuer;
let other_issuer: Issuer;
/** What the function is: it echoes its event unless a test says otherwise. */
let answer: (event: unknown) => unknown = (event) => event;

beforeAll(async () => {
  let published: Issuer | null = null;
  issuers = await startHttpServer({
    port: 0,
    most_body_bytes,
    tooLarge,
    failed: internalError,
    answer: async ({ target }) => jsonAnswer(target.endsWith('jwks.json') ? published?.jwks() : published?.discovery()),
  });
  issuer = await createIssuer({ url: issuers.url, audience: 'billing-credits', clock });
  published = issuer;
  other_issuer = await createIssuer({ url: 'https://other.example.com', audience: 'billing-credits', clock });
  const system = readSystem(smallTemplate(issuers.url), { api_url: '', aws_url: '' });
  const invoke = async (event: unknown) => answer(event);
  const gateway = new Gateway({
    routes: system.routes,
    cors: system.cors,
    runners: new Map(system.functions.map(({ arn }) => [arn, { invoke }])),
    authorizers: new JwtAuthorizers(clock),
    clock,
    domain_name: 'local',
  });
  api = await startHttpServer({
    port: 0,
    most_body_bytes,
    tooLarge,
    failed: internalError,
    answer: (request) => gateway.answer(request),
  });
});

afterAll(async () => {
  await Promise.all([api.close(), issuers.close()]);
});

const problemSchema = z.object({ status: z.number(), code: z.string(), message: z.string(), type: z.string() });

async function call(path: string, init: RequestInit = {}) {
  const response = await fetch(`${api.url}${path}`, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

async function problem(path: string, init: RequestInit = {}) {
  const { headers, text } = await call(path, init);
  expect(headers.get('content-type')).toBe('application/problem+json');
  const { status, code, message } = problemSchema.parse(JSON.parse(text));
  return [status, code, message];
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('the gateway verifies a token', () => {
  const unauthorized = [401, 'unauthorized', 'Unauthorized'];

  it('and hands its claims to the function as text', async () => {
    const token = await issuer.token({ account_id: 'u_1', claims: { groups: ['a', 'b'], verified: true } });
    const { status, text } = await call('/api/notes/n%201', bearer(token));
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      version: '2.0',
      routeKey: 'GET /api/notes/{note_id}',
      rawPath: '/api/notes/n%201',
      pathParameters: { note_id: 'n 1' },
      requestContext: {
        authorizer: { jwt: { claims: { sub: 'u_1', groups: '[a b]', verified: 'true' }, scopes: null } },
      },
    });
  });

  it('without the word Bearer too, as API Gateway does', async () => {
    const authorization = await issuer.token({ account_id: 'u_1' });
    expect((await call('/api/notes/1', { headers: { authorization } })).status).toBe(200);
  });

  it('by the virtual clock', async () => {
    const token = await issuer.token({ account_id: 'u_1', expires_in: 3600 });
    expect((await call('/api/notes/1', bearer(token))).status).toBe(200);
    clock.moveTo(clock.now() + 3_601_000);
    expect(await problem('/api/notes/1', bearer(token))).toEqual(unauthorized);
  });

  it.each([
    ['none', async () => ({})],
    ['an empty one', async () => bearer('')],
    ['no token at all', async () => bearer('nonsense')],
    ['expired', async () => bearer(await issuer.token({ account_id: 'u_1', expires_in: -1 }))],
    ['not valid yet', async () => bearer(await issuer.token({ account_id: 'u_1', claims: { nbf: 4e9 } }))],
    ['other issuer', async () => bearer(await other_issuer.token({ account_id: 'u_1' }))],
    [
      'other issuer that names this one',
      async () => bearer(await other_issuer.token({ account_id: 'u_1', claims: { iss: issuers.url } })),
    ],
    ['other audience', async () => bearer(await issuer.token({ account_id: 'u_1', claims: { aud: 'someone' } }))],
    ['no audience', async () => bearer(await issuer.token({ account_id: 'u_1', claims: { aud: undefined } }))],
    ['no expiry', async () => bearer(await issuer.token({ account_id: 'u_1', claims: { exp: undefined } }))],
    ['alg none', async () => bearer(unsigned({ iss: issuers.url, aud: 'billing-credits', sub: 'u_1', exp: 4e9 }))],
    ['another algorithm', async () => bearer(await elliptic())],
    ['a changed payload', async () => bearer(await tampered())],
  ])('%s: refused', async (_, request) => {
    expect(await problem('/api/notes/1', await request())).toEqual(unauthorized);
  });

  it('by client_id when it has no aud', async () => {
    const claims = { aud: undefined, client_id: 'billing-credits' };
    expect((await call('/api/notes/1', bearer(await issuer.token({ account_id: 'u_1', claims })))).status).toBe(200);
  });

  it('and one of the route’s scopes', async () => {
    const path = '/api/accounts/u_1/notes';
    const post = async (scope?: string) => ({
      method: 'POST',
      ...bearer(await issuer.token({ account_id: 's', scope })),
    });
    expect(await problem(path, await post())).toEqual([403, 'forbidden', 'Forbidden']);
    expect(await problem(path, await post('notes:services'))).toEqual([403, 'forbidden', 'Forbidden']);
    expect((await call(path, await post('openid notes:service'))).status).toBe(200);
    expect((await call(path, await post('openid notes/service'))).status).toBe(200);
  });

  const unsigned = (claims: object) =>
    `${[{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;

  async function elliptic(): Promise<string> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = await exportJWK(publicKey);
    return new SignJWT({ iss: issuers.url, aud: 'billing-credits', sub: 'u_1', exp: 4e9 })
      .setProtectedHeader({ alg: 'ES256', kid: 'local', jwk })
      .sign(privateKey);
  }

  async function tampered(): Promise<string> {
    const [head, payload = '', signature] = (await issuer.token({ account_id: 'u_1' })).split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const changed = Buffer.from(JSON.stringify({ ...claims, sub: 'u_2' })).toString('base64url');
    return [head, changed, signature].join('.');
  }
});

type Body = NonNullable<RequestInit['body']>;

describe('the event of an HTTP request', () => {
  const echoed = async (
    path: string,
    { headers = {}, ...init }: { method?: string; body?: Body; headers?: Record<string, string> } = {},
  ) => {
    const token = await issuer.token({ account_id: 's', scope: 'notes:service' });
    const { text } = await call(path, { ...init, headers: { ...bearer(token).headers, ...headers } });
    return JSON.parse(text);
  };
  const post = (body: Body, type: string) =>
    echoed('/api/accounts/u_1/notes', { method: 'POST', body, headers: { 'content-type': type } });

  it('has query, headers and cookies as payload format 2.0 has them', async () => {
    const headers = { cookie: 'a=1; b=2', 'X-Twice': 'one, two' };
    const event = await echoed('/api/notes/1?x=1&x=2&y=%C3%A4', { headers });
    expect(event).toMatchObject({
      rawQueryString: 'x=1&x=2&y=%C3%A4',
      queryStringParameters: { x: '1,2', y: 'ä' },
      cookies: ['a=1', 'b=2'],
      headers: { 'x-twice': 'one, two' },
      requestContext: { http: { method: 'GET', path: '/api/notes/1', protocol: 'HTTP/1.1' }, stage: '$default' },
      isBase64Encoded: false,
    });
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event).not.toHaveProperty('body');
    expect(event.requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  });

  it('carries text as it is and everything else in base64', async () => {
    expect(await post('{"ä":1}', 'application/json; charset=utf-8')).toMatchObject({
      body: '{"ä":1}',
      isBase64Encoded: false,
    });
    const bytes = new Uint8Array([0xff, 0x00]);
    const base64 = { body: '/wA=', isBase64Encoded: true };
    expect(await post(bytes, 'application/octet-stream')).toMatchObject(base64);
    expect(await post(bytes, 'application/json')).toMatchObject(base64);
  });
});

describe('the answer to an HTTP request', () => {
  const answered = async (given: unknown) => {
    answer = () => given;
    try {
      return await call('/api/health');
    } finally {
      answer = (event) => event;
    }
  };

  it('is the function’s, with its headers and cookies', async () => {
    const { status, headers, text } = await answered({
      statusCode: 201,
      headers: { 'X-Own': 'yes' },
      cookies: ['a=1', 'b=2'],
      body: 'aGFsbG8=',
      isBase64Encoded: true,
    });
    expect([status, headers.get('x-own'), text]).toEqual([201, 'yes', 'hallo']);
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  it('is 200 and JSON for a value that is no HTTP answer', async () => {
    const { status, headers, text } = await answered({ ok: true });
    expect([status, headers.get('content-type'), text]).toEqual([200, 'application/json', '{"ok":true}']);
  });

  it('is 500 when the function fails or answers nonsense', async () => {
    expect((await answered({ statusCode: 'many' })).status).toBe(500);
    answer = () => {
      throw new FunctionFailed('Notes', 'broken');
    };
    expect(await problem('/api/health')).toEqual([500, 'internal_error', 'Internal Server Error']);
    answer = (event) => event;
  });

  it('is 404 without a route, 400 for broken percent-encoding, 413 beyond 10 MB', async () => {
    expect(await problem('/api/nothing')).toEqual([404, 'not_found', 'Not Found']);
    expect(await problem('/api/notes/%zz')).toEqual([400, 'bad_request', 'Bad Request']);
    const body = new Uint8Array(most_body_bytes + 1);
    expect(await problem('/api/health', { method: 'POST', body })).toEqual([
      413,
      'payload_too_large',
      'Request Entity Too Large',
    ]);
  });

  it('is 503 in API Gateway’s words while nothing answers', () => {
    expect(unavailable('Starting.')).toMatchObject({
      status: 503,
      body: expect.stringContaining('Service Unavailable'),
    });
  });
});

describe('CORS of the gateway', () => {
  const origin = 'https://app.example.com';

  it('answers preflights, even without a route', async () => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const preflight = await call('/api/anything', { method: 'OPTIONS', headers });
    expect(preflight.status).toBe(204);
    expect(Object.fromEntries(preflight.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization',
      'access-control-max-age': '3600',
    });
  });

  it('names the origin on answers to that origin, and on no other', async () => {
    const allowed = async (from: string) =>
      (await call('/api/health', { headers: { origin: from } })).headers.get('access-control-allow-origin');
    expect(await allowed(origin)).toBe(origin);
    expect(await allowed('https://evil.example.com')).toBeNull();
  });
});
