import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type BillingConfig, type BillingConfigInput, defineBilling } from '../../shared/config/billing-config.ts';
import { planPrices } from '../../shared/config/prices.ts';
import { AccountOverHttp } from './account-over-http.ts';
import { Client } from './client.ts';
import { startDevSystem } from './dev-system.ts';
import { copyProject } from './project-copy.ts';

/** The same kind of shop as in test/billing.config.ts; every name and every number is another. */
const renamed: BillingConfigInput = {
  app_url: 'http://localhost:3000/account',
  currency: 'eur',
  free_plan: 'starter',
  plans: {
    starter: { name: 'Starter', monthly_credits: 150, features: ['drafts'] },
    team: { name: 'Team', monthly_credits: 2_000, features: ['drafts', 'exports'], prices: { month: 3_500 } },
    studio: { name: 'Studio', monthly_credits: 7_500, features: ['drafts', 'exports'], prices: { year: 120_000 } },
  },
  packs: { booster: { name: '750 credits', credits: 750, amount: 2_000 } },
};

/** As little as the schema takes. */
const minimal: BillingConfigInput = {
  app_url: 'https://app.example.com',
  currency: 'jpy',
  free_plan: 'none',
  plans: {
    none: { name: 'No plan', monthly_credits: 0, features: [] },
    member: { name: 'Member', monthly_credits: 1, features: [], prices: { month: 100 } },
  },
  packs: {},
};

/**
 * All that the schema takes: rollover of each kind, a plan that is no longer sold, organisations,
 * every policy.
 */
const rich: BillingConfigInput = {
  app_url: 'https://app.example.com',
  currency: 'gbp',
  free_plan: 'trial',
  plans: {
    trial: { name: 'Trial', monthly_credits: 20, features: ['chat'], rollover: { cap: 5, expires_after_months: 1 } },
    solo: {
      name: 'Solo',
      monthly_credits: 300,
      features: ['chat', 'files'],
      prices: { month: 900, year: 9_000 },
      rollover: { share_percent: 50, expires_after_months: 24 },
    },
    legacy: { name: 'Legacy', monthly_credits: 400, features: ['chat'], prices: {} },
    company: {
      name: 'Company',
      monthly_credits: 2 ** 50,
      features: ['*'],
      prices: { month: 49_900 },
      rollover: { cap: 100_000, share_percent: 10, expires_after_months: 3 },
    },
    endless: { name: 'Endless', monthly_credits: 'unlimited', features: ['*'], prices: { year: 999_900 } },
  },
  packs: {
    one: { name: 'A credit', credits: 1, amount: 50 },
    many: { name: 'A million credits', credits: 1_000_000, amount: 900_000 },
  },
  policies: { renewal_grace_days: 1, past_due_grace_days: 90 },
  accounts: { claim: 'org_id' },
  reconciliation: { stripe_rate_share_percent: 100 },
  sweep: { due_shards: 1 },
};

test.each([
  ['other names and numbers', renamed],
  ['one paid plan and no packs', minimal],
  ['every option of the schema', rich],
])('a project with %s sells what its configuration says', async (_, input) => {
  const config = defineBilling(input);
  const project = await copyProject(input);
  try {
    const system = await startDevSystem({}, project);
    try {
      await buyEverything(new Client(system), config);
    } finally {
      await system.stop();
    }
  } finally {
    await project.remove();
  }
});

/** A new account buys each plan at each of its prices, and then each pack. */
async function buyEverything(client: Client, config: BillingConfig): Promise<void> {
  for (const { plan, interval } of planPrices(config)) {
    const account = await newAccount(client, config);
    expect(await account.balance()).toMatchObject(balanceOn(config.free_plan, config));
    await pay(client, account, { plan, interval });
    expect(await account.balance()).toMatchObject(balanceOn(plan, config));
    let bonus_credits = 0;
    for (const [pack, { credits }] of Object.entries(config.packs)) {
      await pay(client, account, { pack });
      bonus_credits += credits;
      expect(await account.balance()).toMatchObject({ plan, bonus_credits });
    }
    expect(await account.verified()).toMatchObject({ ok: true, problems: [] });
  }
}

async function newAccount(client: Client, { accounts: { claim } }: BillingConfig): Promise<AccountOverHttp> {
  const account_id = randomUUID();
  const token = await client.token(claim === 'sub' ? account_id : 'ann', { claims: { [claim]: account_id } });
  return new AccountOverHttp(client, account_id, token, await client.serviceToken());
}

async function pay(client: Client, account: AccountOverHttp, wanted: object): Promise<void> {
  const { status, body } = await account.user('POST /billing/checkout', wanted);
  expect(status).toBe(201);
  await client.post(`/_local/stripe/sessions/${String(body.session_id)}/pay`, { card: 'success' });
  await client.idle();
}

/** What the balance of an account shows that has this plan and has used nothing. */
function balanceOn(plan: string, { plans }: BillingConfig): object {
  const allowance = plans[plan]?.monthly_credits;
  const credits = allowance === 'unlimited' ? null : allowance;
  return { plan, monthly_credits: credits, available_credits: credits, used_credits: 0 };
}
