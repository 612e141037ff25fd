import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { accessApi } from '../../../functions/access/api.ts';
import { composeWith } from '../../../functions/composition.ts';
import { overrides_max } from '../../../shared/domain/account/feature-override.ts';
import { type Asked, ask, captureLog, service_claims } from '../../api/events.ts';
import { anyDatabase, freshAccountId, test_now } from '../../engines/engines.ts';

const database = anyDatabase();
const newFunction = (now = test_now) => accessApi(composeWith({ database, clock: () => now }));
const handler = newFunction();

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => database.client.destroy());

const override_path = '/api/accounts/{account_id}/features/{feature}';
const override = (method: 'PUT' | 'DELETE', account_id: string, feature: string, body?: object, by = handler) => {
  const asked: Asked = { route_key: `${method} ${override_path}`, path: { account_id, feature }, body };
  return ask(by, { ...asked, claims: service_claims });
};
const put = (account_id: string, feature: string, body: object) => override('PUT', account_id, feature, body);
const remove = (account_id: string, feature: string) => override('DELETE', account_id, feature);
const check = (account_id: string, feature: string, by = handler) =>
  ask(by, { route_key: 'GET /api/features/{feature}', path: { feature }, claims: { sub: account_id } });
const list = async (account_id: string, by = handler) =>
  (await ask(by, { route_key: 'GET /api/features', claims: { sub: account_id } })).body;

describe('a feature override', () => {
  test('grants a feature that the plan does not have, until it is deleted', async () => {
    const account_id = freshAccountId();
    expect(await put(account_id, 'ads', { allowed: true })).toMatchObject({
      status: 200,
      body: { feature: 'ads', allowed: true, expires_at: null },
    });
    expect((await check(account_id, 'ads')).body).toEqual({ feature: 'ads', allowed: true });
    expect(await list(account_id)).toMatchObject({
      plan: 'free',
      all: false,
      features: ['basic_posts', 'analytics', 'ads'],
    });
    const none = { feature: 'ads', allowed: null, expires_at: null };
    expect(await remove(account_id, 'ads')).toMatchObject({ status: 200, body: none });
    expect(await remove(account_id, 'ads')).toMatchObject({ status: 200, body: none });
    expect(await check(account_id, 'ads')).toMatchObject({
      status: 403,
      body: { required_plans: ['pro_plus', 'ultimate'] },
    });
  });

  test('denies a feature of the plan: no plan opens it', async () => {
    const account_id = freshAccountId();
    await put(account_id, 'analytics', { allowed: false });
    expect(await check(account_id, 'analytics')).toMatchObject({
      status: 403,
      body: { code: 'feature_not_in_plan', detail: 'Upgrade to access analytics', required_plans: [] },
    });
    expect((await list(account_id)).features).toEqual(['basic_posts']);
    await put(account_id, 'analytics', { allowed: true });
    expect((await check(account_id, 'analytics')).status).toBe(200);
  });

  test('is in effect until it expires', async () => {
    const account_id = freshAccountId();
    const expires_at = '2026-12-01T00:00:00.000Z';
    const answer = await put(account_id, 'not_configured', { allowed: true, expires_at: '2026-12-01T00:00:00Z' });
    expect(answer.body).toEqual({ feature: 'not_configured', allowed: true, expires_at });
    const before = newFunction(Date.parse(expires_at) - 1);
    const after = newFunction(Date.parse(expires_at));
    expect((await check(account_id, 'not_configured', before)).status).toBe(200);
    expect((await list(account_id, before)).features).toContain('not_configured');
    expect(await check(account_id, 'not_configured', after)).toMatchObject({
      status: 403,
      body: { required_plans: ['ultimate'] },
    });
    expect((await list(account_id, after)).features).not.toContain('not_configured');
  });

  test('is valid for one account only', async () => {
    const [alice, bob] = [freshAccountId(), freshAccountId()];
    await put(alice, 'ads', { allowed: true });
    expect((await check(bob, 'ads')).status).toBe(403);
  });

  test('is set by services only: a user gets 403', async () => {
    const account_id = freshAccountId();
    const asked = { path: { account_id, feature: 'ads' }, body: { allowed: true }, claims: { sub: account_id } };
    for (const method of ['PUT', 'DELETE']) {
      const answer = await ask(handler, { ...asked, route_key: `${method} ${override_path}` });
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    }
    expect((await check(account_id, 'ads')).status).toBe(403);
  });

  test(`beyond ${overrides_max} of an account is a 409; expired ones do not count`, async () => {
    const account_id = freshAccountId();
    const expires_at = '2026-12-01T00:00:00Z';
    const answers = await Promise.all(
      Array.from({ length: overrides_max }, (_, index) => put(account_id, `f${index}`, { allowed: true, expires_at })),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await put(account_id, 'one_more', { allowed: true })).toMatchObject({
      status: 409,
      body: { code: 'too_many_overrides' },
    });
    expect((await put(account_id, 'f0', { allowed: false, expires_at })).status).toBe(200);
    const later = newFunction(Date.parse(expires_at));
    expect((await override('PUT', account_id, 'one_more', { allowed: true }, later)).status).toBe(200);
  });

  test.each<[unknown, string]>([
    [{}, 'body.allowed'],
    [{ allowed: null }, 'body.allowed'],
    [{ allowed: 1 }, 'body.allowed'],
    [{ allowed: 'true' }, 'body.allowed'],
    [{ allowed: true, expires_at: null }, 'body.expires_at'],
    [{ allowed: true, expires_at: 1e38 }, 'body.expires_at'],
    [{ allowed: true, expires_at: 'tomorrow' }, 'body.expires_at'],
    [{ allowed: true, expires_at: '2026-12-01' }, 'body.expires_at'],
    [{ allowed: true, expires_at: '2026-12-01T00:00:00' }, 'body.expires_at'],
    [{ allowed: true, expires_at: '2026-12-01T00:00:00+01:00' }, 'body.expires_at'],
    [{ allowed: true, expires_at: '2026-02-30T00:00:00Z' }, 'body.expires_at'],
    [{ allowed: true, expires_at: '2026-11-23T10:00:00Z' }, 'body.expires_at'],
    [{ allowed: true, until: 'x' }, 'body.until'],
    ['{"__proto__": {"allowed": true}}', 'body.__proto__'],
    ['[]', 'body'],
  ])('of %j is a 400 that names %s', async (body, path) => {
    const asked = { route_key: `PUT ${override_path}`, path: { account_id: freshAccountId(), feature: 'ads' } };
    const answer = await ask(handler, { ...asked, body, claims: service_claims });
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    expect(answer.body.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path })]));
  });
});
