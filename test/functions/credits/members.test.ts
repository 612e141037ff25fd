import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { composeWith } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { captureLog } from '../../api/events.ts';
import billing_config from '../../billing.config.ts';
import { anyDatabase, freshAccountId, test_now } from '../../engines/engines.ts';
import { isReplay, SpendingUser } from './account-caller.ts';

const database = anyDatabase();
/**
 * A configuration in which organisations pay, which a claim of the token names, and their people
 * may spend.
 */
const config = { ...billing_config, accounts: { claim: 'org_id' }, spending: { by_users: true } };
const newFunction = (now = test_now) => creditsApi(composeWith({ database, clock: () => now, config }));
const handler = newFunction();

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => database.client.destroy());

/** The people of a new organisation. */
function newOrganisation() {
  const org_id = freshAccountId();
  return (sub: string) => new SpendingUser(handler, org_id, { sub, org_id });
}

const cap_path = '/members/{member}/cap';
const capOf = (account: SpendingUser, member: string) => account.service(`GET ${cap_path}`, { path: { member } });
const putCap = (account: SpendingUser, member: string, monthly_credits: unknown) =>
  account.service(`PUT ${cap_path}`, { path: { member }, body: { monthly_credits } });
const deleteCap = (account: SpendingUser, member: string) =>
  account.service(`DELETE ${cap_path}`, { path: { member } });

describe('an organisation', () => {
  test('pays for what its people spend, each in their own name', async () => {
    const person = newOrganisation();
    const [ann, ben] = [person('ann'), person('ben')];
    expect((await ann.deduct(30, 'k1')).body).toMatchObject({ account_id: ann.account_id, actor: 'ann' });
    expect((await ben.deduct(20, 'k2')).body).toMatchObject({ account_id: ann.account_id, actor: 'ben' });
    expect(await ann.balance()).toMatchObject({ account_id: ann.account_id, available_credits: 50 });
    expect((await ben.deduct(51)).status).toBe(402);
    const again = await ann.deduct(30, 'k1');
    expect(isReplay(again)).toBe(true);
    expect(again.body.actor).toBe('ann');
  });

  test('is needed: a token without it has no account', async () => {
    const nobody = new SpendingUser(handler, 'none', { sub: 'ann' });
    expect(await nobody.deduct(1)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test.each(['', 'x'.repeat(129), 'a\nb', '..'])('has no member whose subject is %j', async (sub) => {
    expect(await newOrganisation()(sub).deduct(1)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

describe('a member’s cap', () => {
  test('is put, read and deleted', async () => {
    const ann = newOrganisation()('ann');
    const none = { member: 'ann', monthly_credits: null, used_credits: 0, resets_at: '2026-12-01T00:00:00.000Z' };
    expect((await capOf(ann, 'ann')).body).toEqual(none);
    expect((await deleteCap(ann, 'ann')).body).toEqual(none);
    expect(await putCap(ann, 'ann', 50)).toMatchObject({ status: 200 });
    expect((await capOf(ann, 'ann')).body).toEqual({ ...none, monthly_credits: 50 });
    expect((await putCap(ann, 'ann', 50)).body).toEqual({ ...none, monthly_credits: 50 });
    await ann.deduct(30);
    const used = { ...none, used_credits: 30 };
    expect((await capOf(ann, 'ann')).body).toEqual({ ...used, monthly_credits: 50 });
    expect((await putCap(ann, 'ann', 0)).body).toEqual({ ...used, monthly_credits: 0 });
    expect((await deleteCap(ann, 'ann')).body).toEqual(used);
    expect((await deleteCap(ann, 'ann')).body).toEqual(used);
    expect((await ann.deduct(70)).status).toBe(200);
    expect((await capOf(ann, 'ann')).body.used_credits).toBe(100);
  });

  test('limits deductions by its member, not by others and not by services', async () => {
    const person = newOrganisation();
    const [ann, ben] = [person('ann'), person('ben')];
    await putCap(ann, 'ann', 20);
    await ann.deduct(15, 'k1');
    const over = await ann.deduct(6, 'k2');
    expect(over).toMatchObject({
      status: 402,
      body: { code: 'member_cap_exceeded', required: 6, monthly_credits: 20, used_credits: 15 },
    });
    expect(isReplay(await ann.deduct(15, 'k1'))).toBe(true);
    expect((await ben.deduct(30)).status).toBe(200);
    const body = { amount: 10, description: 'by the backend' };
    expect((await ann.service('POST /credits/deduct', { body })).status).toBe(200);
    expect((await ann.batch([{ key: 'b', ...body }])).status).toBe(200);
    expect((await capOf(ann, 'ann')).body.used_credits).toBe(15);
    await putCap(ann, 'ann', 21);
    expect((await ann.deduct(6, 'k2')).status).toBe(200);
    expect((await capOf(ann, 'ben')).body).toMatchObject({ monthly_credits: null, used_credits: 30 });
  });

  test('holds against 50 requests at once', async () => {
    const ann = newOrganisation()('ann');
    await putCap(ann, 'ann', 20);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ann.deduct(1)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(answers.filter(({ body }) => body.code === 'member_cap_exceeded')).toHaveLength(30);
  });

  test('counts open holds with their whole amount, and their settlement whoever sends it', async () => {
    const ann = newOrganisation()('ann');
    await putCap(ann, 'ann', 50);
    const hold_id = await ann.held(40);
    expect(await ann.hold(11)).toMatchObject({ status: 402, body: { code: 'member_cap_exceeded', used_credits: 40 } });
    expect((await ann.deduct(10)).status).toBe(200);
    const settle = (body: object) => ann.service('POST /credits/holds/{hold_id}/settle', { path: { hold_id }, body });
    expect(await settle({ amount: 41 })).toMatchObject({ status: 402, body: { code: 'member_cap_exceeded' } });
    const settled = await settle({ amount: 60, if_insufficient: 'charge_available' });
    expect(settled.body).toMatchObject({ amount: -40, shortfall_credits: 20 });
    expect((await capOf(ann, 'ann')).body.used_credits).toBe(50);
  });

  test('is given back by a refund in the same month, and starts again with the next', async () => {
    const ann = newOrganisation()('ann');
    await putCap(ann, 'ann', 50);
    const { entry_id } = (await ann.deduct(50)).body;
    expect((await ann.deduct(1)).status).toBe(402);
    await ann.refund({ entry_id, amount: 20 });
    expect((await capOf(ann, 'ann')).body.used_credits).toBe(30);
    const next_month = ann.at(newFunction(Date.parse('2026-12-01T00:00:00.000Z')));
    expect((await capOf(next_month, 'ann')).body).toEqual({
      member: 'ann',
      monthly_credits: 50,
      used_credits: 0,
      resets_at: '2027-01-01T00:00:00.000Z',
    });
    expect((await next_month.deduct(50)).status).toBe(200);
  });

  test.each(['auth0|1', 'a/b', 'ü', '__proto__', 'x'.repeat(128)])('may be %s’s', async (member) => {
    const account = newOrganisation()(member);
    expect((await putCap(account, member, 5)).body).toMatchObject({ member, monthly_credits: 5 });
    expect((await account.deduct(6)).status).toBe(402);
  });

  test.each(['', '.', '..', 'a\nb', 'x'.repeat(129), '\ud800'])(
    'of %j, who can be nobody, is a 400',
    async (member) => {
      const account = newOrganisation()('ann');
      for (const answer of [await putCap(account, member, 5), await capOf(account, member)]) {
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'path.member' }] } });
      }
    },
  );
});

test('without organisations an account is its own only member', async () => {
  const by_users = { ...billing_config, spending: { by_users: true } };
  const api = creditsApi(composeWith({ database, clock: () => test_now, config: by_users }));
  const user = new SpendingUser(api, freshAccountId());
  const capped = await putCap(user, user.account_id, 10);
  expect(capped.status).toBe(200);
  expect(await user.deduct(11)).toMatchObject({ status: 402, body: { code: 'member_cap_exceeded' } });
  expect(await user.deduct(10)).toMatchObject({ status: 200 });
});
