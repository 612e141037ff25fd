import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { balance_answer } from '../../shared/api/credits-answers.ts';
import type { BillingConfigInput } from '../../shared/config/billing-config.ts';
import config from '../billing.config.ts';
import { AccountOverHttp } from './account-over-http.ts';
import { Client } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';
import { copyProject, type ProjectCopy } from './project-copy.ts';

let project: ProjectCopy;
let system: DevSystem;
let client: Client;

// `npm run dev` of a project in which organisations pay, their people spend, and unused allowance
// rolls over.
beforeAll(async () => {
  const free: BillingConfigInput['plans'][string] = {
    name: 'Free',
    monthly_credits: 100,
    features: ['basic_posts', 'analytics'],
    rollover: { cap: 150, expires_after_months: 2 },
  };
  const [accounts, spending] = [{ claim: 'org_id' }, { by_users: true }];
  project = await copyProject({ ...config, accounts, spending, plans: { ...config.plans, free } });
  system = await startDevSystem({}, project);
  client = new Client(system);
});

afterAll(async () => {
  await system.stop();
  await project.remove();
});

/** The people of a new organisation; their tokens name it in the configured claim. */
async function newOrganisation() {
  const org_id = `org_${randomUUID()}`;
  const service = await client.serviceToken();
  return async (sub: string) => {
    const token = await client.token(sub, { claims: { org_id } });
    return new AccountOverHttp(client, org_id, token, service);
  };
}

const spend = (amount: number) => ({ amount, description: 'x' });

test('people of one organisation share its credits; the ledger says who spent them', async () => {
  const person = await newOrganisation();
  const [ann, ben] = [await person('ann'), await person('ben')];
  expect((await ann.user('POST /credits/deduct', spend(30))).body).toMatchObject({
    account_id: ann.account_id,
    actor: 'ann',
  });
  expect((await ben.user('POST /credits/deduct', spend(20))).body).toMatchObject({
    account_id: ann.account_id,
    actor: 'ben',
    balance_after: 50,
  });
  expect((await ben.user('GET /billing/subscription')).body).toMatchObject({ account_id: ann.account_id });
  const other = await (await newOrganisation())('ann');
  expect(await other.balance()).toMatchObject({ account_id: other.account_id, available_credits: 100 });
});

test('a token without an organisation has no account; a user’s own id does not stand in', async () => {
  const token = await client.token('ann');
  expect(await client.get('/api/credits', token)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});

test('a member spends up to its cap, others and the backend up to what there is', async () => {
  const person = await newOrganisation();
  const [ann, ben] = [await person('ann'), await person('ben')];
  expect((await ann.service('PUT /members/ann/cap', { monthly_credits: 25 })).status).toBe(200);
  const answers = await Promise.all(Array.from({ length: 30 }, () => ann.user('POST /credits/deduct', spend(1))));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(25);
  expect(answers.filter(({ body }) => body.code === 'member_cap_exceeded')).toHaveLength(5);
  expect(await ann.user('POST /credits/holds', spend(1))).toMatchObject({
    status: 402,
    body: { code: 'member_cap_exceeded', required: 1, monthly_credits: 25, used_credits: 25 },
  });
  expect((await ben.user('POST /credits/deduct', spend(25))).status).toBe(200);
  expect((await ann.service('POST /credits/deduct', spend(25))).status).toBe(200);
  expect((await ben.service('GET /members/ben/cap')).body).toMatchObject({ monthly_credits: null, used_credits: 25 });
  expect(await ben.intruder('PUT /members/ben/cap', { monthly_credits: 1 })).toMatchObject({ status: 403 });
  expect(await ann.verified()).toMatchObject({ ok: true, balance: 25 });
});

test('a cap is per calendar month and binds the member, not the backend', async () => {
  const ann = await (await newOrganisation())('ann');
  const route = '/members/ann/cap';
  expect(await ann.service(`PUT ${route}`, { monthly_credits: 30 })).toMatchObject({
    status: 200,
    body: { member: 'ann', monthly_credits: 30, used_credits: 0 },
  });
  await ann.user('POST /credits/deduct', spend(20));
  for (const route of ['POST /credits/deduct', 'POST /credits/holds']) {
    expect(await ann.user(route, spend(11))).toMatchObject({ status: 402, body: { code: 'member_cap_exceeded' } });
  }
  expect((await ann.service('POST /credits/deduct', spend(11))).status).toBe(200);
  expect((await ann.service(`GET ${route}`)).body).toMatchObject({ monthly_credits: 30, used_credits: 20 });
  await client.advance('P1M');
  expect((await ann.service(`GET ${route}`)).body).toMatchObject({ monthly_credits: 30, used_credits: 0 });
  expect((await ann.service(`DELETE ${route}`)).body).toMatchObject({ monthly_credits: null });
  expect((await ann.user('POST /credits/deduct', spend(100))).status).toBe(200);
});

test('an organisation buys a plan through any of its people', async () => {
  const person = await newOrganisation();
  const [ann, ben] = [await person('ann'), await person('ben')];
  const { body } = await ann.user('POST /billing/checkout', { plan: 'pro' });
  await client.post(`/_local/stripe/sessions/${String(body.session_id)}/pay`, { card: 'success' });
  await client.idle();
  expect(await ben.balance()).toMatchObject({ plan: 'pro', available_credits: 1_000 });
});

/** What remains in each lot of earlier periods, the oldest first. */
async function handedOn(account: AccountOverHttp): Promise<number[]> {
  const { lots } = balance_answer.parse(await account.balance());
  return lots.filter(({ kind }) => kind === 'rollover').map(({ remaining }) => remaining);
}

test('unused credits roll over up to the cap, and expire after their months', async () => {
  const ann = await (await newOrganisation())('ann');
  await ann.user('POST /credits/deduct', spend(40));
  await client.advance('P1M');
  await client.advance('PT2H');
  expect(await ann.balance()).toMatchObject({ used_credits: 0, bonus_credits: 60, available_credits: 160 });
  await client.advance('P1M');
  expect(await ann.balance()).toMatchObject({ bonus_credits: 150, available_credits: 250 });
  expect(await handedOn(ann)).toEqual([60, 90]);
  // The first of them expires, and makes room for as much.
  await client.advance('P1M');
  expect(await handedOn(ann)).toEqual([90, 60]);
  expect(await ann.verified()).toMatchObject({ ok: true });
});
