import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpRoute, service_scope } from '../../shared/api/route.ts';
import { httpRoutes } from '../../shared/api/routes.ts';
import { Client, freshUser } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

let system: DevSystem;
let client: Client;

beforeAll(async () => {
  system = await startDevSystem();
  client = new Client(system);
});

afterAll(async () => {
  await system.stop();
});

const guarded = httpRoutes().filter(({ caller }) => caller === 'user' || caller === 'service');
const of_users = guarded.filter(({ caller }) => caller === 'user');
const of_services = guarded.filter(({ caller }) => caller === 'service');
const named = (routes: HttpRoute[]) => routes.map((route) => [route.route_key, route] as const);

function send({ method, path }: HttpRoute, token: string | undefined, account_id = 'somebody') {
  const filled = path
    .replace('{account_id}', account_id)
    .replace('{entry_id}', 'use%3Anone')
    .replace('{hold_id}', 'hold_none')
    .replace('{member}', 'somebody')
    .replace('{feature}', 'analytics');
  const body = method === 'GET' ? {} : { body: {} };
  return client.call(method, filled, { ...body, ...(token === undefined ? {} : { token }) });
}

/** Claims as the local issuer makes them, for tokens that somebody else signs. */
async function claims() {
  const [, payload = ''] = (await client.token('somebody')).split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

const refused_tokens: [string, () => Promise<string | undefined>][] = [
  ['no token', async () => undefined],
  ['nonsense', async () => 'not.a.token'],
  ['an expired token', () => client.token('somebody', { expires_in: -60 })],
  ['a token of another issuer', () => client.token('somebody', { claims: { iss: 'https://issuer.example' } })],
  ['a token for another audience', () => client.token('somebody', { claims: { aud: 'another-api' } })],
  ['a token that is not valid yet', () => client.token('somebody', { claims: { nbf: 4_102_444_800 } })],
  ['an unsigned token (alg none)', async () => new UnsecuredJWT(await claims()).encode()],
  [
    'a token that another key signed',
    async () => {
      const { privateKey } = await generateKeyPair('RS256');
      return new SignJWT(await claims()).setProtectedHeader({ alg: 'RS256', kid: 'local' }).sign(privateKey);
    },
  ],
  [
    'a token signed with a shared secret (HS256)',
    async () => new SignJWT(await claims()).setProtectedHeader({ alg: 'HS256' }).sign(new Uint8Array(32)),
  ],
  [
    'a token whose claims were changed',
    async () => {
      const [header, , signature] = (await client.token('somebody')).split('.');
      const other = { ...(await claims()), sub: 'somebody else' };
      return `${header}.${Buffer.from(JSON.stringify(other)).toString('base64url')}.${signature}`;
    },
  ],
];

describe.each(refused_tokens)('a request with %s', (_, make) => {
  test('gets 401 on each guarded route', async () => {
    const token = await make();
    const answers = await Promise.all(guarded.map((route) => send(route, token)));
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 401, body: { code: 'unauthorized', status: 401 } });
  });
});

describe('a user’s token', () => {
  test.each(named(of_services))('gets 403 on %s', async (_, route) => {
    const user = freshUser();
    const token = await client.token(user);
    // Not even on its own account: the route is for services.
    expect(await send(route, token, user)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test('with another scope does not count as a service’s', async () => {
    const token = await client.token('somebody', { scope: `openid ${service_scope}s profile` });
    for (const route of of_services) expect((await send(route, token)).status).toBe(403);
  });

  test.each(named(of_users))('on %s sees and changes its own account only', async (_, route) => {
    const [alice, bob] = [freshUser(), freshUser()];
    const [of_alice, of_bob] = [await client.token(alice), await client.token(bob)];
    await client.deduct(alice, 1, "Alice's");
    const before = await client.get('/api/credits', of_alice);
    const answer = await send(route, of_bob);
    expect(answer.text).not.toContain(alice);
    expect((await client.get('/api/credits', of_alice)).text).toBe(before.text);
  });

  test('cannot read another account’s transaction by its id', async () => {
    const user = freshUser();
    const [alice, bob] = [await client.token(user), await client.token(freshUser())];
    const { body } = await client.deduct(user, 1);
    const path = `/api/credits/transactions/${encodeURIComponent(String(body.entry_id))}`;
    expect((await client.get(path, alice)).status).toBe(200);
    expect(await client.get(path, bob)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('cannot settle, release or see another account’s hold', async () => {
    const user = freshUser();
    const [alice, bob] = [await client.token(user), await client.token(freshUser())];
    const service = await client.serviceToken();
    const holds = `/api/accounts/${user}/credits/holds`;
    const { body } = await client.post(holds, { amount: 60, description: "Alice's" }, service);
    const not_found = { status: 404, body: { code: 'not_found' } };
    expect((await client.get('/api/credits/holds', bob)).body).toEqual({ data: [] });
    expect((await client.get('/api/credits', alice)).body).toMatchObject({ held_credits: 60 });
    // A service by another account's path.
    const of_another = `/api/accounts/${freshUser()}/credits/holds/${String(body.hold_id)}`;
    expect(await client.post(`${of_another}/settle`, { amount: 60 }, service)).toMatchObject(not_found);
    expect(await client.post(`${of_another}/release`, {}, service)).toMatchObject(not_found);
    expect((await client.post(`${holds}/${String(body.hold_id)}/settle`, { amount: 60 }, service)).status).toBe(200);
  });

  test('cannot page through another account’s ledger with its cursor', async () => {
    const users = [freshUser(), freshUser()] as const;
    const [alice, bob] = [await client.token(users[0]), await client.token(users[1])];
    for (const user of users) await client.deduct(user, 1);
    const { body } = await client.get('/api/credits/transactions?limit=1', alice);
    const path = `/api/credits/transactions?cursor=${encodeURIComponent(String(body.next_cursor))}`;
    expect((await client.get(path, alice)).status).toBe(200);
    expect(await client.get(path, bob)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });
});

test.each(['billing:service', 'billing/service'])('a token with the scope %s is a service', async (scope) => {
  const token = await client.token('backend', { scope: `openid ${scope}` });
  expect((await client.get(`/api/accounts/${freshUser()}/credits`, token)).status).toBe(200);
});

test('public routes need no token', async () => {
  for (const path of ['/api/health', '/api/openapi.json', '/api/billing/plans']) {
    expect((await client.get(path)).status).toBe(200);
  }
});
