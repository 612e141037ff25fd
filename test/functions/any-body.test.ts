import * as fc from 'fast-check';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { accessApi } from '../../functions/access/api.ts';
import { composeWith } from '../../functions/composition.ts';
import { creditsApi } from '../../functions/credits/api.ts';
import { type HttpRoute, httpFormsOf } from '../../shared/api/route.ts';
import { httpRoutes } from '../../shared/api/routes.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { ask, captureLog, service_claims } from '../api/events.ts';
import { anyDatabase, freshAccountId, pace, test_now } from '../engines/engines.ts';

const database = anyDatabase();
const deps = composeWith({ database, clock: () => test_now });
const functions = { credits: creditsApi(deps), access: accessApi(deps) };

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => database.client.destroy());

/** What is right in some place, what almost is, and whatever else JSON can say. */
const values = fc.oneof(
  fc.constantFrom<unknown>(0, 1, 5, 100, -1, 1.5, 2 ** 53, 2 ** 53 - 1, 1e38, '1e3', '', 'x', null, true, false),
  fc.constantFrom('use:k', 'reject', 'charge_available', 'ads', '2027-01-01T00:00:00Z', '__proto__'),
  fc.constantFrom([{ key: 'k', amount: 1, description: 'x' }], [{ key: 'k', amount: 2, description: 'x' }], [{}]),
  fc.jsonValue({ maxDepth: 4 }),
);

/** Bodies with fields that the route knows, with others, and such as are no object. */
function bodiesOf({ route }: HttpRoute) {
  const { properties = {} } = z.toJSONSchema(route.body, { io: 'input' });
  const known = Object.fromEntries(Object.keys(properties).map((name) => [name, values]));
  return fc.oneof(
    { weight: 5, arbitrary: fc.record(known, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.record({ ...known, more: values, constructor: values }, { requiredKeys: [] }) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  );
}

const changing = httpRoutes().flatMap((form) =>
  form.method !== 'GET' && (form.served_by === 'credits' || form.served_by === 'access')
    ? [[form.route_key, form, form.served_by] as const]
    : [],
);

/** The form of the route that services use, else its only one: each route once. */
function isLastForm(form: HttpRoute): boolean {
  return httpFormsOf(form.route).at(-1)?.route_key === form.route_key;
}

test.each(changing.filter(([, form]) => isLastForm(form)))(
  '%s answers any body or names what is wrong in it, and the ledger verifies',
  async (route_key, form, served_by) => {
    const account_id = freshAccountId();
    const opened = await ask(functions.credits, {
      route_key: 'POST /api/accounts/{account_id}/credits/holds',
      path: { account_id },
      claims: service_claims,
      body: { amount: 20, description: 'x' },
    });
    const path = { account_id, feature: 'ads', member: 'ann', hold_id: String(opened.body.hold_id) };
    const named = Object.fromEntries(Object.entries(path).filter(([name]) => route_key.includes(`{${name}}`)));
    await fc.assert(
      fc.asyncProperty(bodiesOf(form), async (body) => {
        const asked = { route_key, path: named, claims: service_claims, body: JSON.stringify(body) };
        const answer = await ask(functions[served_by], asked);
        expect(answer.status, answer.text).toBeLessThan(500);
        if (answer.status === 400) expect(answer.body.errors).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true });
  },
);
