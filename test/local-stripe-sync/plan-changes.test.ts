import { seededRandom } from '@billing-credits/stripe-fake';
import { addPrice, addProduct, addWebhookEndpoint, seedWorld, World } from '@billing-credits/stripe-fake/in-process';
import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../local/stripe-sync/change.ts';
import { contains } from '../../local/stripe-sync/contains.ts';
import { describeChange } from '../../local/stripe-sync/describe-change.ts';
import type { Existing } from '../../local/stripe-sync/existing.ts';
import { NotOurs, planChanges } from '../../local/stripe-sync/plan-changes.ts';
import { plansBeyondPortal, portalPlans } from '../../local/stripe-sync/portal-features.ts';
import { seedOf } from '../../local/stripe-sync/seed.ts';
import { type WantedProduct, wantedOf } from '../../local/stripe-sync/wanted.ts';
import { stripe_event_types } from '../../shared/stripe/event-types.ts';
import { shop, webhook_url } from './shop.ts';

const nothing: Existing = { products: [], prices: [], portals: [], endpoints: [] };
const wanted = wantedOf(shop(), null);
const pro = 'billing_credits_plan_pro';

function makeWorld(): World {
  return new World({ clock: { now: () => 0 }, random: seededRandom(1), deliver: () => {} });
}

/** The account as a first run leaves it. */
function synced(): Existing {
  const world = makeWorld();
  seedWorld(world, seedOf(wanted.products));
  const { products, prices, portal_configurations } = world.store;
  return { products: products.list(), prices: prices.list(), portals: portal_configurations.list(), endpoints: [] };
}

/** The same with one price changed. */
function withPrice(lookup_key: string, change: Partial<Stripe.Price>): Existing {
  const existing = synced();
  return {
    ...existing,
    prices: existing.prices.map((price) => (price.lookup_key === lookup_key ? { ...price, ...change } : price)),
  };
}

const kinds = (changes: readonly Change[]) => changes.map(({ kind }) => kind);

describe('plan the changes of an empty account', () => {
  const changes = planChanges(wantedOf(shop(), webhook_url), nothing);

  test('creates everything: prices after their products, the portal after the prices', () => {
    expect(kinds(changes)).toEqual([
      ...Array<string>(3).fill('create_product'),
      ...Array<string>(4).fill('create_price'),
      'create_portal',
      'create_endpoint',
    ]);
  });

  test('gives each price its lookup key and its plan as metadata; the portal offers the plans, not the packs', () => {
    expect(changes).toContainEqual({
      kind: 'create_price',
      product: pro,
      price: {
        lookup_key: 'pro_year',
        unit_amount: 29_000,
        currency: 'usd',
        interval: 'year',
        metadata: { managed_by: 'billing-credits', plan: 'pro' },
      },
      replaces: null,
      seen: [],
    });
    expect(changes).toContainEqual({
      kind: 'create_portal',
      plans: [
        { product: pro, lookup_keys: ['pro_month', 'pro_year'] },
        { product: 'billing_credits_plan_ultimate', lookup_keys: ['ultimate_month'] },
      ],
      seen: [],
    });
  });

  test('gives the endpoint the SDK’s API version and the events that have a meaning', () => {
    expect(changes.at(-1)).toEqual({
      kind: 'create_endpoint',
      endpoint: { url: webhook_url, api_version: Stripe.API_VERSION, enabled_events: stripe_event_types },
      seen: [],
    });
    expect(stripe_event_types).toHaveLength(21);
  });
});

describe('plan the changes of an account that is as wanted', () => {
  test('there are none', () => {
    expect(planChanges(wanted, synced())).toEqual([]);
  });

  test('there are none when things were added by hand: a description, metadata, more in the portal', () => {
    const existing = synced();
    const tuned: Existing = {
      ...existing,
      products: existing.products.map((product) => ({
        ...product,
        description: 'Mine',
        metadata: { ...product.metadata, tax: 'A' },
      })),
      prices: existing.prices.map((price) => ({ ...price, nickname: 'Mine', tax_behavior: 'exclusive' })),
      portals: existing.portals.map((portal) => ({
        ...portal,
        business_profile: { ...portal.business_profile, headline: 'Mine' },
      })),
    };
    expect(planChanges(wanted, tuned)).toEqual([]);
  });
});

describe('a product', () => {
  test.each([
    ['another name', { name: 'Professional' }, { name: 'Pro' }],
    ['archived', { active: false }, { active: true }],
    [
      'without its metadata',
      { metadata: { plan: 'pro' } },
      { metadata: { managed_by: 'billing-credits', plan: 'pro' } },
    ],
  ])('%s: is corrected', (_, change, params) => {
    const existing = synced();
    const products = existing.products.map((product) => (product.id === pro ? { ...product, ...change } : product));
    expect(planChanges(wanted, { ...existing, products })).toEqual([{ kind: 'update_product', id: pro, params }]);
  });
});

describe('a price', () => {
  test.each<[string, Partial<Stripe.Price>]>([
    ['another amount', { unit_amount: 1_900 }],
    ['another currency', { currency: 'eur' }],
    ['another product', { product: 'prod_other' }],
    ['tiers', { billing_scheme: 'tiered', unit_amount: null }],
    ['no interval', { recurring: null }],
  ])(
    'with %s is replaced: a new one takes the key, the portal follows, then the old one is deactivated',
    (_, change) => {
      const existing = withPrice('pro_month', change);
      const old = existing.prices.find(({ lookup_key }) => lookup_key === 'pro_month');
      const changes = planChanges(wanted, existing);
      expect(kinds(changes)).toEqual(['create_price', 'update_portal', 'deactivate_price']);
      expect(changes).toMatchObject([{ price: { unit_amount: 2_900 }, replaces: old }, {}, { price: old }]);
    },
  );

  test('replaced twice makes two requests: the second is no repetition of the first', () => {
    const [first] = planChanges(wanted, withPrice('pro_month', { unit_amount: 1_900 }));
    const [second] = planChanges(wanted, withPrice('pro_month', { unit_amount: 1_900, id: 'price_next' }));
    expect(first).not.toEqual(second);
  });

  test('that was archived is sold again as it is', () => {
    const changes = planChanges(wanted, withPrice('pro_month', { active: false }));
    expect(changes).toEqual([
      { kind: 'update_price', id: 'price_pro_month', lookup_key: 'pro_month', params: { active: true } },
    ]);
  });

  test('that was archived with another amount loses its key, and nothing is left to deactivate', () => {
    const changes = planChanges(wanted, withPrice('pro_month', { active: false, unit_amount: 1 }));
    expect(kinds(changes)).toEqual(['create_price', 'update_portal']);
  });

  test('of a plan that is no longer sold is deactivated, once the portal no longer offers it', () => {
    const changes = planChanges(wantedOf(shop({ year: 29_000 }), null), synced());
    expect(kinds(changes)).toEqual(['update_portal', 'deactivate_price']);
    expect(changes[1]).toMatchObject({ price: { lookup_key: 'pro_month', metadata: { plan: 'pro' } } });
  });

  test('that an interrupted run left without its key is deactivated by the next one', () => {
    const existing = synced();
    const [left_over] = withPrice('pro_month', { id: 'price_old', lookup_key: null, unit_amount: 1_900 }).prices.filter(
      ({ id }) => id === 'price_old',
    );
    if (left_over === undefined) throw new Error('no such price');
    expect(planChanges(wanted, { ...existing, prices: [...existing.prices, left_over] })).toEqual([
      { kind: 'deactivate_price', price: left_over },
    ]);
  });

  test('made by hand with its plan as metadata becomes ours', () => {
    const changes = planChanges(wanted, withPrice('pro_month', { metadata: { plan: 'pro' } }));
    expect(changes).toMatchObject([{ kind: 'update_price', params: { metadata: { managed_by: 'billing-credits' } } }]);
  });

  test('that is somebody else’s stops everything, and the message says what to do', () => {
    const plan = () => planChanges(wanted, withPrice('pro_month', { metadata: { plan: 'other' } }));
    expect(plan).toThrow(NotOurs);
    expect(plan).toThrow('price price_pro_month has the lookup key pro_month: give it the metadata plan=pro');
  });
});

test('a product that is somebody else’s stops everything', () => {
  const world = makeWorld();
  const product = addProduct(world, { id: pro, name: 'Something', metadata: {} });
  expect(() => planChanges(wanted, { ...nothing, products: [product] })).toThrow(`product ${pro}`);
});

test('a price without our mark and without one of our keys is left alone', () => {
  const existing = synced();
  const world = makeWorld();
  const details = { product: pro, unit_amount: 1, currency: 'usd', recurring: null, metadata: { plan: 'pro' } };
  const hand_made = addPrice(world, { ...details, lookup_key: 'pro_deal' });
  expect(planChanges(wanted, { ...existing, prices: [...existing.prices, hand_made] })).toEqual([]);
});

describe('the portal', () => {
  test('is corrected when somebody has let downgrades take effect at once', () => {
    const existing = synced();
    const portals = existing.portals.map((portal) => ({
      ...portal,
      features: {
        ...portal.features,
        subscription_update: { ...portal.features.subscription_update, schedule_at_period_end: { conditions: [] } },
      },
    }));
    expect(kinds(planChanges(wanted, { ...existing, portals }))).toEqual(['update_portal']);
  });

  test('is created again when it was deactivated, by another request than the first', () => {
    const existing = synced();
    const portals = existing.portals.map((portal) => ({ ...portal, active: false }));
    expect(planChanges(wanted, { ...existing, portals })).toMatchObject([
      { kind: 'create_portal', seen: [portals[0]?.id] },
    ]);
  });

  test('offers ten products, as many as Stripe allows', () => {
    const price = { lookup_key: 'k', unit_amount: 1, currency: 'usd', interval: 'month', metadata: {} } as const;
    const many = Array.from(
      { length: 12 },
      (_, index): WantedProduct => ({
        id: `p_${index}`,
        name: `Plan ${index}`,
        metadata: {},
        prices: [price],
      }),
    );
    expect(portalPlans(many)).toHaveLength(10);
    expect(plansBeyondPortal(many).map(({ name }) => name)).toEqual(['Plan 10', 'Plan 11']);
  });
});

describe('the webhook endpoint', () => {
  const world = makeWorld();
  const details = { url: webhook_url, description: null, metadata: {}, secrets: [] };
  const good = addWebhookEndpoint(world, { ...details, enabled_events: [...stripe_event_types].reverse() });
  const with_endpoint = wantedOf(shop(), webhook_url);
  const planFor = (...endpoints: Stripe.WebhookEndpoint[]) => planChanges(with_endpoint, { ...synced(), endpoints });

  test('that is as wanted stays, whatever the order of its events', () => {
    expect(planFor(good)).toEqual([]);
  });

  test.each<[string, Partial<Stripe.WebhookEndpoint>]>([
    ['other events', { enabled_events: ['*'] }],
    ['too few events', { enabled_events: stripe_event_types.slice(1) }],
    ['been disabled', { status: 'disabled' }],
  ])('that has %s is changed', (_, change) => {
    expect(planFor({ ...good, ...change })).toMatchObject([{ kind: 'update_endpoint', id: good.id }]);
  });

  test('of another API version first gets a successor, and is disabled by the next run', () => {
    const outdated = { ...good, id: 'we_old', api_version: '2024-06-20' };
    expect(planFor(outdated)).toMatchObject([{ kind: 'create_endpoint', seen: ['we_old'] }]);
    expect(planFor(outdated, good)).toEqual([{ kind: 'disable_endpoint', outdated }]);
    expect(planFor({ ...outdated, status: 'disabled' }, good)).toEqual([]);
  });
});

test('each change is one line that says what it means', () => {
  const changed = planChanges(wanted, withPrice('pro_month', { unit_amount: 1_900 }));
  expect(changed.map(describeChange)).toEqual([
    '+ price     pro_month: 2900 usd a month, instead of price_pro_month (1900 usd a month)',
    expect.stringMatching(/^~ portal {4}bpc_\w+: switch between pro_month, pro_year, ultimate_month$/),
    '- price     price_pro_month, pro_month (1900 usd a month): no longer sold; who has it goes on paying it',
  ]);
  for (const change of planChanges(wantedOf(shop(), webhook_url), nothing)) {
    expect(describeChange(change)).toMatch(/^\+ (product|price|portal|endpoint) +\S[^\n]+$/);
  }
});

test('a value contains another when it has all its members', () => {
  expect(contains({ a: 1, b: [{ c: 2, d: 3 }, 'x'] }, { b: ['x', { c: 2 }] })).toBe(true);
  expect(contains({ b: ['x', 'y'] }, { b: ['x'] })).toBe(false);
  expect(contains({ b: null }, { b: {} })).toBe(false);
  expect(contains(null, { b: 1 })).toBe(false);
  expect(contains({ b: 'x' }, { b: ['x'] })).toBe(false);
});
