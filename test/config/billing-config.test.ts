import { describe, expect, test } from 'vitest';
import { type BillingConfigInput, defineBilling, InvalidBillingConfig } from '../../shared/config/billing-config.ts';
import { toCatalog } from '../../shared/config/to-catalog.ts';
import { day_ms } from '../../shared/domain/units.ts';
import billing from '../billing.config.ts';

const free = { name: 'Free', monthly_credits: 100, features: ['basic_posts'] };
const pro = { name: 'Pro', monthly_credits: 1_000, features: ['basic_posts', 'ads'], prices: { month: 2_900 } };
const valid: BillingConfigInput = {
  app_url: 'https://app.example.com',
  currency: 'usd',
  free_plan: 'free',
  plans: { free, pro },
  packs: { small: { name: '500 credits', credits: 500, amount: 1_500 } },
};

/**
 * The message for the valid configuration with these members instead. As a configuration in
 * JavaScript could be.
 */
function complaintAbout(changes: object): string {
  const input: BillingConfigInput = Object.assign({}, valid, changes);
  try {
    defineBilling(input);
  } catch (error) {
    if (error instanceof InvalidBillingConfig) return error.message;
    throw error;
  }
  return 'none';
}

test.each([
  ['one URL', 'https://app.example.com', ['https://app.example.com']],
  ['several URLs', ['https://a.example', 'http://localhost:5173'], ['https://a.example', 'http://localhost:5173']],
] satisfies [string, BillingConfigInput['app_url'], string[]][])(
  '%s of the app are read as a list',
  (_, given, read) => {
    const config = defineBilling({ ...valid, app_url: given });
    expect(config.app_url).toEqual(read);
    // What is checked can be checked again.
    expect(defineBilling(config)).toEqual(config);
  },
);

describe('a wrong configuration is refused with the name of the field', () => {
  const plans = (id: string, plan: object) => ({ plans: { free, pro, [id]: plan } });
  const monthly = { expires_after_months: 1 };

  test.each<[string, object]>([
    ['app_url', { app_url: 'app.example.com' }],
    ['app_url', { app_url: 'ftp://app.example.com' }],
    ['app_url', { app_url: undefined }],
    ['app_url.1', { app_url: ['https://app.example.com', 'admin.example.com'] }],
    ['currency', { currency: 'USD' }],
    ['currency', { currency: 'dollars' }],
    ['free_plan', { free_plan: 'basic' }],
    ['free_plan', { free_plan: 'Free' }],
    ['plans', { plans: [] }],
    ['plans.Pro', plans('Pro', pro)],
    ['plans.9lives', plans('9lives', pro)],
    ['plans.pro.name', plans('pro', { ...pro, name: '' })],
    ['plans.pro.monthly_credits', plans('pro', { ...pro, monthly_credits: 1.5 })],
    ['plans.pro.monthly_credits', plans('pro', { ...pro, monthly_credits: -1 })],
    ['plans.pro.monthly_credits', plans('pro', { ...pro, monthly_credits: '1000' })],
    ['plans.pro.monthly_credits', plans('pro', { ...pro, monthly_credits: 2 ** 50 + 1 })],
    ['plans.pro.monthly_credits', plans('pro', { ...pro, monthly_credits: null })],
    ['plans.pro.rollover.expires_after_months', plans('pro', { ...pro, rollover: {} })],
    ['plans.pro.rollover.expires_after_months', plans('pro', { ...pro, rollover: { expires_after_months: 0 } })],
    ['plans.pro.rollover.expires_after_months', plans('pro', { ...pro, rollover: { expires_after_months: 25 } })],
    ['plans.pro.rollover.cap', plans('pro', { ...pro, rollover: { ...monthly, cap: 0 } })],
    ['plans.pro.rollover.cap', plans('pro', { ...pro, rollover: { ...monthly, cap: 1.5 } })],
    ['plans.pro.rollover.share_percent', plans('pro', { ...pro, rollover: { ...monthly, share_percent: 0 } })],
    ['plans.pro.rollover.share_percent', plans('pro', { ...pro, rollover: { ...monthly, share_percent: 101 } })],
    ['plans.pro.rollover', plans('pro', { ...pro, rollover: true })],
    ['plans.pro.rollover', plans('pro', { ...pro, monthly_credits: 'unlimited', rollover: monthly })],
    ['plans.pro.features', plans('pro', { ...pro, features: 'ads' })],
    ['plans.pro.features.1', plans('pro', { ...pro, features: ['ads', 'Priority Support'] })],
    ['plans.pro.prices.month', plans('pro', { ...pro, prices: { month: 29.5 } })],
    ['plans.pro.prices.year', plans('pro', { ...pro, prices: { year: 0 } })],
    ['plans.pro.prices', plans('pro', { ...pro, prices: { week: 100, month: 100 } })],
    ['plans.pro.prices', plans('pro', { ...free })],
    ['plans.free.prices', plans('free', { ...pro })],
    ['free_plan', { free_plan: 'constructor' }],
    ['policies.renewal_grace_days', { policies: { renewal_grace_days: 0 } }],
    ['policies.past_due_grace_days', { policies: { past_due_grace_days: 0.7 } }],
    ['packs', { ...plans('pack', pro), packs: { month: { name: 'Month', credits: 5, amount: 100 } } }],
    ['packs.small.credits', { packs: { small: { name: 'Small', credits: 0, amount: 100 } } }],
    ['packs.small.amount', { packs: { small: { name: 'Small', credits: 5, amount: 0 } } }],
    ['packs.Small', { packs: { Small: { name: 'Small', credits: 5, amount: 100 } } }],
    ['policies.renewal_grace_days', { policies: { renewal_grace_days: -1 } }],
    ['policies.past_due_grace_days', { policies: { past_due_grace_days: 91 } }],
    ['accounts.claim', { accounts: { claim: '' } }],
    ['spending.by_users', { spending: { by_users: 'yes' } }],
    ['sweep.due_shards', { sweep: { due_shards: 0 } }],
  ])('%s', (field, changes) => {
    const complaint = complaintAbout(changes);
    expect(complaint).toMatch(/^billing\.config\.ts is wrong:\n/);
    expect(complaint.split('\n').map((line) => line.split(':')[0])).toContain(`  ${field}`);
  });

  test.each<[string, string, object]>([
    ['(root)', 'currencies', { currencies: ['usd'] }],
    ['policies', 'grace', { policies: { grace: 3 } }],
    ['plans.pro', 'price', plans('pro', { ...pro, price: 100 })],
    ['plans.pro.rollover', 'days', plans('pro', { ...pro, rollover: { ...monthly, days: 3 } })],
  ])('%s has no %s', (place, unknown, changes) => {
    expect(complaintAbout(changes)).toContain(`  ${place}: Unrecognized key: "${unknown}"`);
  });

  test('names each wrong field', () => {
    const complaint = complaintAbout({ currency: 'USD', app_url: 'x', ...plans('pro', { ...pro, name: '' }) });
    for (const field of ['currency', 'app_url', 'plans.pro.name']) expect(complaint).toContain(`  ${field}: `);
  });

  test('lists the plans when free_plan names none of them', () => {
    expect(complaintAbout({ free_plan: 'basic' })).toContain('names no plan; plans are free, pro');
  });
});

describe('a right configuration', () => {
  test('gets the defaults', () => {
    expect(defineBilling(valid)).toMatchObject({
      policies: { renewal_grace_days: 3, past_due_grace_days: 7 },
      accounts: { claim: 'sub' },
      spending: { by_users: false },
      sweep: { due_shards: 16 },
    });
    expect(defineBilling({ ...valid, policies: { renewal_grace_days: 1 } }).policies).toEqual({
      renewal_grace_days: 1,
      past_due_grace_days: 7,
    });
  });

  test('may keep a plan that is no longer sold', () => {
    const retired = { ...pro, prices: {} };
    expect(defineBilling({ ...valid, plans: { free, retired } }).plans.retired?.prices).toEqual({});
  });

  test('may have no packs, and paid plans by the month or by the year', () => {
    const yearly = { ...pro, prices: { year: 29_000 } };
    expect(defineBilling({ ...valid, packs: {}, plans: { free, yearly } }).plans.yearly?.prices).toEqual({
      year: 29_000,
    });
  });
});

describe('the catalog', () => {
  test('is the part of the configuration that decisions need, in its order', () => {
    const unlimited = { ...pro, monthly_credits: 'unlimited' } as const;
    const config = { ...valid, plans: { free, pro, ultimate: unlimited }, policies: { renewal_grace_days: 1 } };
    expect(toCatalog(defineBilling(config))).toEqual({
      plans: [
        { id: 'free', name: 'Free', monthly_credits: 100, features: ['basic_posts'], rollover: null },
        { id: 'pro', name: 'Pro', monthly_credits: 1_000, features: ['basic_posts', 'ads'], rollover: null },
        { id: 'ultimate', name: 'Pro', monthly_credits: null, features: ['basic_posts', 'ads'], rollover: null },
      ],
      free_plan: 'free',
      policies: { renewal_grace_ms: day_ms, past_due_grace_ms: 7 * day_ms },
    });
  });

  test('has each plan’s rollover: all of it without a cap, unless the configuration says less', () => {
    const plans = {
      free,
      all: { ...pro, rollover: { expires_after_months: 24 } },
      some: { ...pro, rollover: { cap: 2 ** 50, share_percent: 100, expires_after_months: 1 } },
      half: { ...pro, monthly_credits: 2 ** 50, rollover: { share_percent: 50, expires_after_months: 2 } },
    };
    expect(toCatalog(defineBilling({ ...valid, plans })).plans.map(({ rollover }) => rollover)).toEqual([
      null,
      { cap: null, share_percent: 100, expires_after_months: 24 },
      { cap: 2 ** 50, share_percent: 100, expires_after_months: 1 },
      { cap: null, share_percent: 50, expires_after_months: 2 },
    ]);
  });

  test('of the tests’ configuration: free 100, pro 1,000, pro_plus 5,000, ultimate unlimited', () => {
    const { plans, free_plan } = toCatalog(billing);
    expect(free_plan).toBe('free');
    expect(plans.map(({ id, monthly_credits }) => [id, monthly_credits])).toEqual([
      ['free', 100],
      ['pro', 1_000],
      ['pro_plus', 5_000],
      ['ultimate', null],
    ]);
    expect(plans.every(({ rollover }) => rollover === null)).toBe(true);
    expect(plans.map(({ features }) => features)).toEqual([
      ['basic_posts', 'analytics'],
      ['basic_posts', 'analytics', 'advanced_workflows', 'scheduling'],
      ['basic_posts', 'analytics', 'advanced_workflows', 'scheduling', 'ads', 'priority_support'],
      ['*'],
    ]);
  });
});
