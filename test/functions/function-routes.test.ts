import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import billing_config from '#billing-config';
import { accessApi } from '../../functions/access/api.ts';
import { composeWith } from '../../functions/composition.ts';
import { creditsApi } from '../../functions/credits/api.ts';
import { httpRoutes } from '../../shared/api/routes.ts';
import { ask, captureLog, lambdaContext, service_claims } from '../api/events.ts';
import { anyDatabase, test_now } from '../engines/engines.ts';

const database = anyDatabase();
const config = { ...billing_config, spending: { by_users: true } };
const deps = composeWith({ database, clock: () => test_now, config });
const functions = { credits: creditsApi(deps), access: accessApi(deps) };

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => database.client.destroy());

const cases = httpRoutes().flatMap((form) =>
  form.served_by === 'credits' || form.served_by === 'access'
    ? [[form.route_key, form.served_by, form.caller] as const]
    : [],
);

test.each(cases)('%s is served by %s', async (route_key, served_by, caller) => {
  const handler = functions[served_by];
  const path = {
    account_id: 'u_served',
    entry_id: 'use:none',
    feature: 'analytics',
    hold_id: 'hold_none',
    member: 'ann',
  };
  const named = Object.fromEntries(Object.entries(path).filter(([name]) => route_key.includes(`{${name}}`)));
  const { status, body } = await ask(handler, { route_key, path: named, claims: service_claims, query: 'odd=1' });
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' });
  expect(body.errors).toEqual(expect.arrayContaining([expect.objectContaining({ path: 'query.odd' })]));
  if (caller !== 'public') expect((await ask(handler, { route_key, path: named })).status).toBe(401);
});

test('a function names the variables that the stack did not give it', async () => {
  await expect(import('../../functions/credits/index.ts')).rejects.toThrow(
    'environment variable ACCOUNTS_TABLE is not set',
  );
  await expect(import('../../functions/resets/worker.ts')).rejects.toThrow('RESETS_QUEUE_URL is not set');
});

test('a deployed function reads its environment and the real clock', async () => {
  const tables = ['accounts', 'ledger', 'usage', 'requests'] as const;
  for (const name of tables) vi.stubEnv(`${name.toUpperCase()}_TABLE`, database.tables[name] ?? '');
  const { handler } = await import('../../functions/access/index.ts');
  const asked = { route_key: 'GET /api/health' };
  expect((await ask(handler, asked, lambdaContext())).body).toEqual({ status: 'ok' });
  vi.unstubAllEnvs();
});
