import type Stripe from 'stripe';
import { isManaged } from '../../shared/stripe/managed.ts';
import type { Wanted } from './wanted.ts';

/** What Stripe already has: of what is wanted, and of what an earlier run made. */
export interface Existing {
  /** Products with a wanted id. */
  readonly products: readonly Stripe.Product[];
  /** Prices with a wanted lookup key, and all managed, active prices. */
  readonly prices: readonly Stripe.Price[];
  /** Managed portal configurations, oldest first. */
  readonly portals: readonly Stripe.BillingPortal.Configuration[];
  /** Endpoints at the wanted URL, oldest first. */
  readonly endpoints: readonly Stripe.WebhookEndpoint[];
}

/** The most lookup keys in one request to Stripe. */
const lookup_keys_max = 10;
const ids_max = 100;
const page = { limit: 100 };

export async function readExisting(stripe: Stripe, { products, endpoint }: Wanted): Promise<Existing> {
  const lookup_keys = products.flatMap(({ prices }) => prices.map(({ lookup_key }) => lookup_key));
  return {
    products: await readProducts(
      stripe,
      products.map(({ id }) => id),
    ),
    prices: await readPrices(stripe, lookup_keys),
    portals: await readPortals(stripe),
    endpoints: endpoint === null ? [] : await readEndpoints(stripe, endpoint.url),
  };
}

async function readProducts(stripe: Stripe, ids: readonly string[]): Promise<Stripe.Product[]> {
  const pages = chunks(ids, ids_max).map((some) => stripe.products.list({ ids: some, ...page }));
  return (await Promise.all(pages)).flatMap(({ data }) => data);
}

async function readPrices(stripe: Stripe, lookup_keys: readonly string[]): Promise<Stripe.Price[]> {
  const prices = new Map<string, Stripe.Price>();
  for (const some of chunks(lookup_keys, lookup_keys_max)) {
    const { data } = await stripe.prices.list({ lookup_keys: some, ...page });
    for (const price of data) prices.set(price.id, price);
  }
  for await (const price of stripe.prices.list({ active: true, ...page })) {
    if (isManaged(price.metadata)) prices.set(price.id, price);
  }
  return [...prices.values()];
}

async function readPortals(stripe: Stripe): Promise<Stripe.BillingPortal.Configuration[]> {
  // Stripe leaves the products out unless the request asks for them.
  const expand = ['data.features.subscription_update.products'];
  const found: Stripe.BillingPortal.Configuration[] = [];
  for await (const portal of stripe.billingPortal.configurations.list({ expand, ...page })) {
    if (isManaged(portal.metadata)) found.unshift(portal);
  }
  return found;
}

async function readEndpoints(stripe: Stripe, url: string): Promise<Stripe.WebhookEndpoint[]> {
  const found: Stripe.WebhookEndpoint[] = [];
  for await (const endpoint of stripe.webhookEndpoints.list(page)) {
    if (endpoint.url === url) found.unshift(endpoint);
  }
  return found;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
