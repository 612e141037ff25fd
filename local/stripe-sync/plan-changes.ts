import type Stripe from 'stripe';
import { isManaged } from '../../shared/stripe/managed.ts';
import type { Change, PortalPlan } from './change.ts';
import { contains } from './contains.ts';
import type { Existing } from './existing.ts';
import { portalFeatures, portalPlans } from './portal-features.ts';
import type { Wanted, WantedEndpoint, WantedPrice, WantedProduct } from './wanted.ts';

/** Somebody else's object stands where one of ours must be. */
export class NotOurs extends Error {
  constructor(found: readonly string[]) {
    super(`not made for this configuration, so it is left alone and nothing is changed:\n${found.join('\n')}`);
    this.name = 'NotOurs';
  }
}

/**
 * The writes that make Stripe's account as wanted, in their order. Empty if nothing has to change.
 * A price never changes its amount: a new price takes over the lookup key, and the old one is no
 * longer sold but still paid by its subscribers. Throws `NotOurs`.
 */
export function planChanges(wanted: Wanted, existing: Existing): Change[] {
  refuseWhatIsNotOurs(wanted, existing);
  const prices = wanted.products.map((product) => ({
    product,
    plans: product.prices.map((price) => planPrice(product, price, existing)),
  }));
  const kept = prices.flatMap(({ plans }) => plans.flatMap(({ kept }) => kept ?? []));
  const replaced = prices.flatMap(({ plans }) => plans.flatMap(({ replaces }) => replaces ?? []));
  const no_longer_sold = existing.prices.filter(
    (price) => price.active && (isManaged(price.metadata) || replaced.includes(price)) && !kept.includes(price),
  );
  return [
    ...wanted.products.flatMap((product) => planProduct(product, existing)),
    ...prices.flatMap(({ plans }) => plans.flatMap(({ change }) => change ?? [])),
    ...planPortal(wanted, existing, kept),
    // Last, because the portal no longer offers these prices only now.
    ...no_longer_sold.map((price): Change => ({ kind: 'deactivate_price', price })),
    ...(wanted.endpoint === null ? [] : planEndpoint(wanted.endpoint, existing)),
  ];
}

function planProduct(product: WantedProduct, existing: Existing): Change[] {
  const found = existing.products.find(({ id }) => id === product.id);
  if (found === undefined) return [{ kind: 'create_product', product }];
  const { id, name, metadata } = product;
  const params = {
    ...(found.active ? {} : { active: true }),
    ...(found.name === name ? {} : { name }),
    ...(contains(found.metadata, metadata) ? {} : { metadata: { ...metadata } }),
  };
  return isEmpty(params) ? [] : [{ kind: 'update_product', id, params }];
}

interface PricePlan {
  readonly change?: Change;
  /** The price that keeps the lookup key. */
  readonly kept?: Stripe.Price;
  readonly replaces?: Stripe.Price;
}

function planPrice({ id: product }: WantedProduct, price: WantedPrice, { prices }: Existing): PricePlan {
  const { lookup_key, metadata } = price;
  const holder = prices.find((candidate) => candidate.lookup_key === lookup_key);
  if (holder === undefined || !isSamePrice(holder, product, price)) {
    const seen = prices.filter((candidate) => candidate === holder || productId(candidate) === product);
    const change: Change = {
      kind: 'create_price',
      product,
      price,
      replaces: holder ?? null,
      seen: seen.map(({ id }) => id).sort(),
    };
    return { change, ...(holder && { replaces: holder }) };
  }
  const params = {
    ...(holder.active ? {} : { active: true }),
    ...(contains(holder.metadata, metadata) ? {} : { metadata: { ...metadata } }),
  };
  if (isEmpty(params)) return { kept: holder };
  return { kept: holder, change: { kind: 'update_price', id: holder.id, lookup_key, params } };
}

/** Whether the fields are as wanted that Stripe lets nobody change. */
function isSamePrice(found: Stripe.Price, product: string, { unit_amount, currency, interval }: WantedPrice): boolean {
  const paid = {
    billing_scheme: 'per_unit',
    currency,
    custom_unit_amount: null,
    recurring: interval === null ? null : { interval, interval_count: 1, usage_type: 'licensed' },
    transform_quantity: null,
    unit_amount,
  };
  return productId(found) === product && contains(found, paid);
}

function planPortal({ products }: Wanted, { portals }: Existing, kept: readonly Stripe.Price[]): Change[] {
  const plans = portalPlans(products).map(
    ({ id, prices }): PortalPlan => ({ product: id, lookup_keys: prices.map(({ lookup_key }) => lookup_key) }),
  );
  const portal = portals.find(({ active }) => active);
  if (portal === undefined) return [{ kind: 'create_portal', plans, seen: portals.map(({ id }) => id).sort() }];
  const offered = plans.map(({ product, lookup_keys }) => ({
    product,
    // The portal cannot offer a price yet that is still to be made.
    prices: lookup_keys.map((key) => kept.find(({ lookup_key }) => lookup_key === key)?.id ?? ''),
  }));
  const is_same = contains(portal.features, portalFeatures(offered));
  return is_same ? [] : [{ kind: 'update_portal', id: portal.id, plans }];
}

/**
 * An endpoint cannot change its API version. The old endpoint stays until the run after the one
 * that made its successor. By then the successor's secret is in place, so no event is refused in
 * between.
 */
function planEndpoint(endpoint: WantedEndpoint, { endpoints }: Existing): Change[] {
  const current = endpoints.find(({ api_version }) => api_version === endpoint.api_version);
  if (current === undefined) {
    return [{ kind: 'create_endpoint', endpoint, seen: endpoints.map(({ id }) => id).sort() }];
  }
  const outdated = endpoints.filter(
    ({ api_version, status }) => api_version !== current.api_version && status === 'enabled',
  );
  const is_same = current.status === 'enabled' && contains(current.enabled_events, endpoint.enabled_events);
  return [
    ...(is_same ? [] : [{ kind: 'update_endpoint', id: current.id, endpoint } as const]),
    ...outdated.map((one): Change => ({ kind: 'disable_endpoint', outdated: one })),
  ];
}

/**
 * Ours is an object that says so, or that names the same plan or pack: somebody may have made
 * prices by hand.
 */
function refuseWhatIsNotOurs({ products }: Wanted, existing: Existing): void {
  const found = products.flatMap((product) => {
    const { plan, pack } = product.metadata;
    const isOurs = (metadata: Stripe.Metadata) =>
      isManaged(metadata) || (metadata.plan === plan && metadata.pack === pack);
    const foreign_products = existing.products.filter(({ id, metadata }) => id === product.id && !isOurs(metadata));
    const keys = product.prices.map(({ lookup_key }) => lookup_key);
    const foreign_prices = existing.prices.filter(
      ({ lookup_key, metadata }) => lookup_key !== null && keys.includes(lookup_key) && !isOurs(metadata),
    );
    return [
      ...foreign_products.map(({ id }) => `  product ${id}: give it the metadata ${named(plan, pack)} if it is ours`),
      ...foreign_prices.map(
        ({ id, lookup_key }) =>
          `  price ${id} has the lookup key ${lookup_key}: give it the metadata ${named(plan, pack)} if it is ours, or take the key away`,
      ),
    ];
  });
  if (found.length > 0) throw new NotOurs(found);
}

function named(plan: string | undefined, pack: string | undefined): string {
  return plan === undefined ? `pack=${pack}` : `plan=${plan}`;
}

function productId({ product }: Stripe.Price): string {
  return typeof product === 'string' ? product : product.id;
}

function isEmpty(params: object): boolean {
  return Object.keys(params).length === 0;
}
