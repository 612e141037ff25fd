import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import billing_config from '#billing-config';
import { accessApi } from '../../../functions/access/api.ts';
import { composeWith } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { ask, captureLog, service_claims } from '../../api/events.ts';
import { anyDatabase, freshAccountId, test_now } from '../../engines/engines.ts';
import { AccountCaller, SpendingUser } from './account-caller.ts';

const database = anyDatabase();
const deps = composeWith({ database, clock: () => test_now });
const by_users = { ...billing_config, accounts: { claim: 'org_id' }, spending: { by_users: true } };
const lax_deps = composeWith({ database, clock: () => test_now, config: by_users });
const handler = creditsApi(deps);
const lax_handler = creditsApi(lax_deps);

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => database.client.destroy());

/** The app's backend, and two members of one organisation whose tokens may spend. */
function newOrganisation() {
  const org_id = freshAccountId();
  const [ann, ben] = ['ann', 'ben'].map((sub) => new SpendingUser(lax_handler, org_id, { sub, org_id }));
  if (ann === undefined || ben === undefined) throw new Error('there are two members');
  return { backend: new AccountCaller(lax_handler, org_id, { sub: 'ann', org_id }), ann, ben };
}

test('a user can neither settle the backend’s hold for nothing nor release it', async () => {
  const account = new AccountCaller(handler, freshAccountId());
  const hold_id = await account.held(75);
  const path = { hold_id };
  for (const [route, body] of [
    ['POST /api/credits/holds/{hold_id}/settle', { amount: 0 }],
    ['POST /api/credits/holds/{hold_id}/release', {}],
  ] as const) {
    expect(await account.user(route, { path, body })).toMatchObject({
      status: 403,
      body: {
        code: 'spending_by_users_off',
        detail: expect.stringContaining('/api/accounts/{account_id}/credits/holds'),
      },
    });
  }
  expect(await account.settle(hold_id, { amount: 60 })).toMatchObject({ status: 200, body: { amount: -60 } });
});

test("a user cannot take the key of the backend's charge", async () => {
  const account = new AccountCaller(handler, freshAccountId());
  const body = { amount: 1, description: 'first' };
  expect(await account.user('POST /api/credits/deduct', { key: 'job-42', body })).toMatchObject({ status: 403 });
  expect(await account.deduct(50, 'job-42')).toMatchObject({ status: 200, body: { entry_id: 'use:job-42' } });
});

describe('where users may spend, whoever opened a hold, or a service, can end it:', () => {
  test.each([
    ['backend', 'backend', 200],
    ['backend', 'ann', 403],
    ['ann', 'backend', 200],
    ['ann', 'ann', 200],
    ['ann', 'ben', 403],
  ] as const)('opened by %s, ended by %s: %i', async (opener, ender, status) => {
    const people = newOrganisation();
    const ways = [
      (by: AccountCaller, hold_id: string) => by.settle(hold_id, { amount: 4 }),
      (by: AccountCaller, hold_id: string) => by.release(hold_id),
    ];
    for (const end of ways) {
      const hold_id = await people[opener].held(10);
      const ended = await end(people[ender], hold_id);
      expect(ended.status).toBe(status);
      if (status === 200) continue;
      expect(ended.body.code).toBe('hold_of_another');
      expect((await people.backend.user('GET /api/credits/holds')).body.data).toMatchObject([{ hold_id }]);
      expect((await end(people[opener], hold_id)).status).toBe(200);
    }
  });

  test('once a hold is closed, another user who ends it the same way moves nothing', async () => {
    const { ann, ben } = newOrganisation();
    const hold_id = await ann.held(10);
    const first = await ann.settle(hold_id, { amount: 4 });
    const { balance_after } = first.body;
    expect(await ben.settle(hold_id, { amount: 4 })).toMatchObject({ status: 200, body: { balance_after } });
    expect(await ben.settle(hold_id, { amount: 5 })).toMatchObject({ status: 409, body: { code: 'hold_closed' } });
    const { body } = await ann.user('GET /api/credits/transactions', { query: 'type=usage' });
    expect(body.data).toHaveLength(1);
  });

  test('a backend may have the same name as a user', async () => {
    const { backend, ann } = newOrganisation();
    const namesake = new SpendingUser(lax_handler, ann.account_id, {
      sub: service_claims.sub,
      org_id: ann.account_id,
    });
    const hold_id = await backend.held(10);
    expect(await namesake.settle(hold_id, { amount: 0 })).toMatchObject({ body: { code: 'hold_of_another' } });
  });
});

test('a member’s settlement counts against the member’s cap', async () => {
  const { backend, ann } = newOrganisation();
  const path = { member: 'ann' };
  await backend.service('PUT /members/{member}/cap', { path, body: { monthly_credits: 50 } });
  const hold_id = await ann.held(40);
  expect(await ann.settle(hold_id, { amount: 51 })).toMatchObject({ body: { code: 'member_cap_exceeded' } });
  expect(await ann.settle(hold_id, { amount: 45 })).toMatchObject({ status: 200, body: { amount: -45 } });
  expect((await backend.service('GET /members/{member}/cap', { path })).body).toMatchObject({ used_credits: 45 });
  expect(await ann.deduct(6)).toMatchObject({ status: 402, body: { code: 'member_cap_exceeded' } });
});

describe('one Idempotency-Key of the backend and of two members makes three requests', () => {
  test('for deductions, also in a batch, and their ids stay readable', async () => {
    const { backend, ann, ben } = newOrganisation();
    const ids = [await ann.deduct(1, 'k'), await ben.deduct(2, 'k'), await backend.deduct(3, 'k')].map(
      ({ body }) => body.entry_id,
    );
    expect(ids).toEqual(['use:user:ann:k', 'use:user:ben:k', 'use:k']);
    const disguised = { key: 'user:ann:k', amount: 4, description: 'x' };
    expect((await backend.batch([disguised])).body.results).toMatchObject([
      { key: 'user:ann:k', transaction: { entry_id: 'use:service:user:ann:k' } },
    ]);
    expect((await backend.deduct(5, 'user:ann:k')).body.code).toBe('idempotency_key_reused');
    expect(await ann.balance()).toMatchObject({ used_credits: 10 });
  });

  test('for holds', async () => {
    const people = Object.values(newOrganisation());
    const ids = [];
    for (const caller of people) ids.push((await caller.hold(10, 'k')).body.hold_id);
    expect(new Set(ids).size).toBe(3);
  });

  test('for uses', async () => {
    const org_id = freshAccountId();
    const access = accessApi(lax_deps);
    const asked = { body: { feature: 'ads' }, headers: { 'idempotency-key': 'k' } };
    const of_account = 'POST /api/accounts/{account_id}/usage';
    for (const sub of ['ann', 'ben'])
      await ask(access, { ...asked, route_key: 'POST /api/usage', claims: { sub, org_id } });
    const path = { account_id: org_id };
    const last = await ask(access, { ...asked, route_key: of_account, path, claims: service_claims });
    expect(last).toMatchObject({ status: 201, body: { count: 3 } });
    expect(last.headers).not.toHaveProperty('idempotency-replayed');
  });
});
