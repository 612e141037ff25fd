import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IssuerNotFound, JwtAuthorizers, MissingScope, Unauthorized } from '../src/authorizer.ts';
import { VirtualClock } from '../src/clock.ts';
import { type HttpServer, startHttpServer } from '../src/http-server.ts';
import { createIssuer, type Issuer } from '../src/issuer.ts';
import { jsonAnswer } from '../src/problem.ts';

const clock = new VirtualClock();
let server: HttpServer;
/** What is published below each path. */
const published = new Map<string, () => unknown>();
let theirs: Issuer;
let own: Issuer;

async function publish(path: string, audience: string): Promise<Issuer> {
  const issuer = await createIssuer({ url: `${server.url}${path}`, audience, clock });
  published.set(`${path}/.well-known/openid-configuration`, () => issuer.discovery());
  published.set(`${path}/.well-known/jwks.json`, () => issuer.jwks());
  return issuer;
}

beforeAll(async () => {
  const refused = () => jsonAnswer({}, 404);
  server = await startHttpServer({
    port: 0,
    most_body_bytes: 1000,
    tooLarge: refused,
    failed: refused,
    answer: async ({ target }) => {
      const document = published.get(target)?.();
      return document === undefined ? refused() : jsonAnswer(document);
    },
  });
  theirs = await publish('/theirs', 'their-api');
  own = await publish('/own', 'own-api');
});

afterAll(() => server.close());

describe('an authorizer with an issuer of its own beside the route’s', () => {
  const route = () => ({ issuer: theirs.url, audience: ['their-api'], header: 'authorization' });
  const authorizers = () => new JwtAuthorizers(clock, { issuer: own.url, audience: ['own-api'] });
  const subject = async (token: string) => (await authorizers().authorize(route(), [], `Bearer ${token}`)).claims.sub;

  it('takes tokens of both', async () => {
    expect(await subject(await theirs.token({ account_id: 'ada' }))).toBe('ada');
    expect(await subject(await own.token({ account_id: 'grace' }))).toBe('grace');
  });

  it.each([
    ['its own issuer’s for their audience', () => own.token({ account_id: 'a', claims: { aud: 'their-api' } })],
    ['theirs for its own audience', () => theirs.token({ account_id: 'a', claims: { aud: 'own-api' } })],
    [
      'its own issuer’s by their key',
      () => theirs.token({ account_id: 'a', claims: { iss: own.url, aud: 'own-api' } }),
    ],
    ['theirs by its own key', () => own.token({ account_id: 'a', claims: { iss: theirs.url, aud: 'their-api' } })],
    ['nonsense', async () => 'a.b.c'],
  ])('refuses %s', async (_, token) => {
    await expect(subject(await token())).rejects.toThrow(Unauthorized);
  });

  it('without one takes theirs alone', async () => {
    const token = await own.token({ account_id: 'a', claims: { aud: 'their-api' } });
    await expect(new JwtAuthorizers(clock).authorize(route(), [], token)).rejects.toThrow(Unauthorized);
  });
});

describe('the claims that a function gets', () => {
  const route = () => ({ issuer: theirs.url, audience: ['their-api'], header: 'authorization' });
  const claimsOf = async (claims: Record<string, unknown>) => {
    const token = await theirs.token({ account_id: 'ada', claims });
    return (await new JwtAuthorizers(clock).authorize(route(), [], token)).claims;
  };

  it('are text', async () => {
    const claims = await claimsOf({ n: 7, yes: true, list: ['a', 'b'], object: { a: 1 } });
    expect(claims).toMatchObject({ n: '7', yes: 'true', list: '[a b]', object: '{"a":1}' });
  });

  it('leave out those that are null', async () => {
    expect(await claimsOf({ org_id: null })).not.toHaveProperty('org_id');
  });
});

describe('a route with a scope', () => {
  const route = () => ({ issuer: theirs.url, audience: ['their-api'], header: 'authorization' });
  const scopesOf = async (claims: Record<string, unknown>) => {
    const token = await theirs.token({ account_id: 'ada', claims });
    return (await new JwtAuthorizers(clock).authorize(route(), ['write'], token)).scopes;
  };

  it.each([[{ scope: 'read write' }], [{ scope: ['read', 'write'] }], [{ scp: ['write'] }]])(
    'takes %j',
    async (claims) => {
      expect(await scopesOf(claims)).toEqual(['write']);
    },
  );

  it.each([
    [{}],
    [{ scope: 'read' }],
    [{ scope: [['write']] }],
    [{ scope: { write: true } }],
    [{ scope: ['rewrite'] }],
  ])('refuses %j', async (claims) => {
    await expect(scopesOf(claims)).rejects.toThrow(MissingScope);
  });
});

describe('an issuer that is not to be found', () => {
  const discovery = (path: string) => `${path}/.well-known/openid-configuration`;

  it.each([
    ['answers 404', '/nothing', null, /status 404/],
    ['publishes something else', '/other', { hello: 'world' }, /names no issuer/],
    ['writes itself with a slash at the end', '/slash', 'with a slash', /which is another one/],
  ])('%s', async (_, path, document, reason) => {
    const url = `${server.url}${path}`;
    const slash = { issuer: `${url}/`, jwks_uri: `${url}/keys` };
    if (document !== null) published.set(discovery(path), () => (document === 'with a slash' ? slash : document));
    await expect(new JwtAuthorizers(clock).discover(url)).rejects.toThrow(reason);
    await expect(new JwtAuthorizers(clock).discover(url)).rejects.toThrow(IssuerNotFound);
  });

  it('makes its tokens invalid, and is asked again for the next one', async () => {
    const authorizers = new JwtAuthorizers(clock);
    const late = await createIssuer({ url: `${server.url}/late`, audience: 'api', clock });
    const route = { issuer: late.url, audience: ['api'], header: 'authorization' };
    const authorize = async () => authorizers.authorize(route, [], await late.token({ account_id: 'ada' }));
    await expect(authorize()).rejects.toThrow(Unauthorized);
    await expect(authorize()).rejects.toThrow(/not to be found/);
    published.set(discovery('/late'), () => late.discovery());
    published.set('/late/.well-known/jwks.json', () => late.jwks());
    expect((await authorize()).claims.sub).toBe('ada');
  });

  it('that nobody listens for says why', async () => {
    await expect(new JwtAuthorizers(clock).discover('http://127.0.0.1:1')).rejects.toThrow(
      /does not answer as it should/,
    );
  });
});
