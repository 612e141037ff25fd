import { type FakeStripe, ManualClock, startFakeStripe } from '@billing-credits/stripe-fake';
import type Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyChange } from '../../local/stripe-sync/apply-change.ts';
import { readExisting } from '../../local/stripe-sync/existing.ts';
import { planChanges } from '../../local/stripe-sync/plan-changes.ts';
import { seedOf } from '../../local/stripe-sync/seed.ts';
import { syncStripe } from '../../local/stripe-sync/sync.ts';
import { type Wanted, wantedOf } from '../../local/stripe-sync/wanted.ts';
import { defineBilling } from '../../shared/config/billing-config.ts';
import { planPrices } from '../../shared/config/prices.ts';
import { toCatalog } from '../../shared/config/to-catalog.ts';
import { fromStripeSubscription } from '../../shared/stripe/from-stripe-subscription.ts';
import { openStripeGateway } from '../../shared/stripe/gateway.ts';
import { stripeSdk } from '../../shared/stripe/stripe-client.ts';
import { shop, webhook_url } from './shop.ts';

const clock = new ManualClock('2026-11-24T10:00:00Z');
const wanted = wantedOf(shop(), webhook_url);

let fake: FakeStripe;
let stripe: Stripe;

beforeEach(() => startAccount());
afterEach(() => fake.close());

async function startAccount(seed: Wanted | null = null): Promise<void> {
  fake = await startFakeStripe({ clock, port: 0, seed: seed === null ? null : seedOf(seed.products), webhook: null });
  stripe = stripeSdk('sk_test_local', fake.url, { timeout_ms: 5_000, network_retries: 3 });
}

async function sync(to: Wanted = wanted, dry_run = false): Promise<string[]> {
  const lines: string[] = [];
  await syncStripe(stripe, to, { dry_run, print: (line) => lines.push(line) });
  return lines;
}

const plan = async (to: Wanted = wanted) => planChanges(to, await readExisting(stripe, to));

/** All that there is, by the names that do not depend on chance. */
async function account() {
  const [products, prices, portals, endpoints] = await Promise.all([
    stripe.products.list({ limit: 100 }),
    stripe.prices.list({ limit: 100 }),
    stripe.billingPortal.configurations.list({ limit: 100 }),
    stripe.webhookEndpoints.list({ limit: 100 }),
  ]);
  return { products: products.data, prices: prices.data, portals: portals.data, endpoints: endpoints.data };
}

async function counts() {
  const { products, prices, portals, endpoints } = await account();
  return [products.length, prices.length, portals.length, endpoints.length];
}

const holderOf = async (lookup_key: string) => {
  const { data } = await stripe.prices.list({ lookup_keys: [lookup_key] });
  return data[0];
};

function raise(): never {
  throw new Error('the configuration has no free plan');
}

/** What customers and accounts go through. */
function gateway() {
  const access = { read_api_key: async () => 'sk_test_local', api_url: fake.url, is_production: false };
  return openStripeGateway(access, () => clock.now());
}

describe('sync an empty account', () => {
  test('a dry run says what would be created, and creates nothing', async () => {
    const lines = await sync(wanted, true);
    expect(lines).toHaveLength(9);
    expect(lines).toContain('+ price     pro_month: 2900 usd a month');
    expect(await counts()).toEqual([0, 0, 0, 0]);
  });

  test('a run makes it as wanted, and a second run changes nothing', async () => {
    const lines = await sync();
    expect(await counts()).toEqual([3, 4, 1, 1]);
    expect(lines.filter((line) => /whsec_\w{32}/.test(line))).toHaveLength(1);
    expect(lines.join('\n')).toContain('aws secretsmanager put-secret-value --secret-id');
    const before = await account();
    expect(await sync()).toEqual(['Stripe is as billing.config.ts says: nothing to change']);
    expect(await account()).toEqual(before);
  });

  test('shows the endpoint’s signing secret once, and never again', async () => {
    const shown = (await sync()).join('\n');
    const secret = /whsec_\w+/.exec(shown)?.[0] ?? '';
    expect(secret).toMatch(/^whsec_\w{32}$/);
    await stripe.webhookEndpoints.update((await account()).endpoints[0]?.id ?? '', { enabled_events: ['*'] });
    const again = (await sync()).join('\n');
    expect(again).toContain('~ endpoint');
    expect(again).not.toContain('whsec_');
  });

  test('without the webhook’s URL no endpoint is touched, and the run says so', async () => {
    const lines = await sync(wantedOf(shop(), null));
    expect(lines).toContain('webhook endpoints are left alone: no --webhook-url');
    expect(await counts()).toEqual([3, 4, 1, 0]);
  });

  test('checkout sells by the lookup keys, and opens the portal that was created', async () => {
    await sync();
    const { portals } = await account();
    expect(portals).toMatchObject([{ is_default: false }]);
    const through = gateway();
    const stripe_customer_id = await through.ensureCustomer('u_1');
    const request = { account_id: 'u_1', idempotency_key: 'k', fingerprint: 'f' };
    const session = await through.createCheckoutSession(request, {
      stripe_customer_id,
      bought: { kind: 'plan', lookup_key: 'pro_year' },
      success_url: 'https://app.example.com/done',
      cancel_url: 'https://app.example.com/back',
    });
    expect(await stripe.checkout.sessions.retrieve(session.session_id)).toMatchObject({ amount_total: 29_000 });
    await fake.paySession(session.session_id, 'success');
    const visit = { stripe_customer_id, return_url: 'https://app.example.com/settings' };
    const page = await (await fetch(await through.createPortalSession(request, visit))).text();
    expect(page).toContain('Ultimate');
  });
});

describe('the portal', () => {
  test('invoices an upgrade at once; downgrades and cancellations wait for the end of the period', async () => {
    await sync();
    const { portals, prices } = await account();
    const idsOf = (...keys: string[]) =>
      prices.flatMap(({ id, lookup_key }) => (keys.includes(lookup_key ?? '') ? [id] : [])).sort();
    expect(portals[0]?.features).toMatchObject({
      subscription_cancel: { enabled: true, mode: 'at_period_end' },
      subscription_update: {
        enabled: true,
        default_allowed_updates: ['price'],
        proration_behavior: 'always_invoice',
        schedule_at_period_end: {
          conditions: [{ type: 'decreasing_item_amount' }, { type: 'shortening_interval' }],
        },
        trial_update_behavior: 'end_trial',
      },
    });
    const offered = portals[0]?.features.subscription_update.products?.map(({ product, prices }) => [
      product,
      prices.sort(),
    ]);
    expect(offered).toEqual([
      ['billing_credits_plan_pro', idsOf('pro_month', 'pro_year')],
      ['billing_credits_plan_ultimate', idsOf('ultimate_month')],
    ]);
  });
});

test('a seller of packs alone has a portal without plans', async () => {
  const { plans, ...rest } = shop();
  const packs_only = wantedOf(defineBilling({ ...rest, plans: { free: plans.free ?? raise() } }), null);
  await sync();
  await sync(packs_only);
  expect(await plan(packs_only)).toEqual([]);
  expect((await account()).portals).toMatchObject([{ features: { subscription_update: { enabled: false } } }]);
});

describe('the fake of npm run dev', () => {
  test('is set up as this command would set it up', async () => {
    await fake.close();
    await startAccount(wanted);
    expect(await plan(wantedOf(shop(), null))).toEqual([]);
  });
});

describe('an amount that changed', () => {
  const dearer = shop({ month: 3_900, year: 29_000 });

  test('is a new price under the same key; the old one is no longer sold, and keeps its plan', async () => {
    await sync();
    const old = await holderOf('pro_month');
    await sync(wantedOf(dearer, webhook_url));
    const current = await holderOf('pro_month');
    expect(current).toMatchObject({ unit_amount: 3_900, active: true, metadata: { plan: 'pro' } });
    expect(await stripe.prices.retrieve(old?.id ?? '')).toMatchObject({
      unit_amount: 2_900,
      active: false,
      lookup_key: null,
      metadata: { plan: 'pro' },
    });
    const { portals } = await account();
    const offered = portals[0]?.features.subscription_update.products?.flatMap(({ prices }) => prices);
    expect(offered).toContain(current?.id);
    expect(offered).not.toContain(old?.id);
    expect(await plan(wantedOf(dearer, webhook_url))).toEqual([]);
  });

  test('leaves customers on their old price, and on their plan', async () => {
    await sync();
    const customer = await stripe.customers.create({ metadata: { account_id: 'u_1' } });
    const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
    const old = await holderOf('pro_month');
    const { id } = await stripe.subscriptions.create({
      customer: customer.id,
      default_payment_method: card.id,
      items: [{ price: old?.id ?? '' }],
    });
    await sync(wantedOf(dearer, webhook_url));
    const subscription = await stripe.subscriptions.retrieve(id);
    expect(subscription.items.data[0]?.price).toMatchObject({ id: old?.id, unit_amount: 2_900 });
    const reading = { prices: planPrices(dearer), catalog: toCatalog(dearer), snapshot_at: clock.now() };
    expect(fromStripeSubscription(subscription, reading)).toMatchObject({
      snapshot: { plan: 'pro', interval: 'month' },
    });
  });

  test('and changed back within a day is a third price', async () => {
    await sync();
    await sync(wantedOf(dearer, webhook_url));
    await sync();
    expect(await holderOf('pro_month')).toMatchObject({ unit_amount: 2_900, active: true });
    expect(await plan()).toEqual([]);
    expect((await account()).prices.filter(({ active }) => active)).toHaveLength(4);
  });

  test('keeps the tax behaviour that was set in Stripe', async () => {
    await sync();
    const existing = await readExisting(stripe, wanted);
    const prices = existing.prices.map((price): Stripe.Price => ({ ...price, tax_behavior: 'exclusive' }));
    const [change] = planChanges(wantedOf(dearer, webhook_url), { ...existing, prices });
    if (change === undefined) throw new Error('nothing to change');
    const sent: Stripe.PriceCreateParams[] = [];
    const create: typeof stripe.prices.create = (params) => {
      sent.push(params);
      return Promise.reject(new Error('enough'));
    };
    stripe.prices.create = create;
    await expect(applyChange(stripe, change)).rejects.toThrow('enough');
    expect(sent).toMatchObject([{ transfer_lookup_key: true, tax_behavior: 'exclusive' }]);
  });
});

describe('a run that was interrupted', () => {
  const all = 9;

  test.each(Array.from({ length: all }, (_, done) => done))(
    'after %d changes is finished by the next',
    async (done) => {
      const changes = await plan();
      expect(changes).toHaveLength(all);
      for (const change of changes.slice(0, done)) await applyChange(stripe, change);
      await sync();
      expect(await counts()).toEqual([3, 4, 1, 1]);
      expect(await plan()).toEqual([]);
    },
  );

  test.each([0, 1, 2])('after %d changes of a new amount is finished by the next', async (done) => {
    await sync();
    const dearer = wantedOf(shop({ month: 3_900, year: 29_000 }), webhook_url);
    const changes = await plan(dearer);
    expect(changes.map(({ kind }) => kind)).toEqual(['create_price', 'update_portal', 'deactivate_price']);
    for (const change of changes.slice(0, done)) await applyChange(stripe, change);
    // What is sold is never without a price.
    expect(await holderOf('pro_month')).toMatchObject({ active: true });
    await sync(dearer);
    expect(await counts()).toEqual([3, 5, 1, 1]);
    expect(await plan(dearer)).toEqual([]);
  });

  test('and lost each answer has created each thing once', async () => {
    for (const change of await plan()) {
      const first = await applyChange(stripe, change);
      expect(await applyChange(stripe, change)).toMatchObject({ id: first.id });
    }
    expect(await counts()).toEqual([3, 4, 1, 1]);
  });

  test('by a moment’s failure of Stripe goes on', async () => {
    fake.setFaults({ fail: 2 });
    await sync();
    expect(await plan()).toEqual([]);
  });
});

test('two runs at once create each thing once', async () => {
  await Promise.all([sync(), sync()]);
  expect(await counts()).toEqual([3, 4, 1, 1]);
  expect(await plan()).toEqual([]);
});

describe('what was deleted or deactivated within the day is created again:', () => {
  test('the endpoint, with another secret', async () => {
    const first = (await sync()).join('\n');
    await stripe.webhookEndpoints.del((await account()).endpoints[0]?.id ?? '');
    const second = (await sync()).join('\n');
    expect(await plan()).toEqual([]);
    expect(/whsec_\w+/.exec(second)?.[0]).toMatch(/^whsec_/);
    expect(/whsec_\w+/.exec(second)?.[0]).not.toBe(/whsec_\w+/.exec(first)?.[0]);
  });

  test('a price that lost its key', async () => {
    await sync();
    const { id = '' } = (await holderOf('pro_month')) ?? {};
    // As the Dashboard lets one: archive it, and give its key to another price that is then
    // archived, too.
    await stripe.prices.update(id, { active: false });
    const params = { product: 'billing_credits_plan_pro', currency: 'usd', unit_amount: 1 };
    const other = await stripe.prices.create({ ...params, lookup_key: 'pro_month', transfer_lookup_key: true });
    await stripe.prices.update(other.id, { active: false, lookup_key: 'pro_other' });
    await sync();
    expect(await holderOf('pro_month')).toMatchObject({ active: true, unit_amount: 2_900 });
    expect(await plan()).toEqual([]);
  });
});

describe('what is not ours', () => {
  test('is left as it is', async () => {
    const product = await stripe.products.create({ name: 'Pro', metadata: { plan: 'pro' } });
    await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 5, lookup_key: 'gold_month' });
    await stripe.billingPortal.configurations.create({ features: { invoice_history: { enabled: true } } });
    await stripe.webhookEndpoints.create({ url: 'https://elsewhere.example.com/', enabled_events: ['*'] });
    const before = await account();
    await sync();
    await sync(wantedOf(shop({ month: 4_900 }), webhook_url));
    const after = await account();
    for (const noun of ['products', 'prices', 'portals', 'endpoints'] as const) {
      expect(after[noun]).toEqual(expect.arrayContaining<unknown>(before[noun]));
    }
  });

  test('stops the run before any change when it has one of our names', async () => {
    const product = await stripe.products.create({ name: 'Gold' });
    await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 5, lookup_key: 'pro_month' });
    await expect(sync()).rejects.toThrow('has the lookup key pro_month');
    expect(await counts()).toEqual([1, 1, 0, 0]);
  });
});

test('prices made by hand, with their plan as metadata, are taken over', async () => {
  const product = await stripe.products.create({ id: 'plan_pro', name: 'Pro' });
  const by_hand = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 2_900,
    recurring: { interval: 'month' },
    lookup_key: 'pro_month',
    metadata: { plan: 'pro' },
  });
  await sync();
  expect(await stripe.prices.retrieve(by_hand.id)).toMatchObject({ active: false, lookup_key: null });
  expect(await holderOf('pro_month')).toMatchObject({ product: 'billing_credits_plan_pro', active: true });
  expect(await plan()).toEqual([]);
});

test('a renamed product is renamed in Stripe too', async () => {
  await sync();
  await sync(wantedOf(shop(undefined, 'Professional'), webhook_url));
  expect(await stripe.products.retrieve('billing_credits_plan_pro')).toMatchObject({ name: 'Professional' });
});
