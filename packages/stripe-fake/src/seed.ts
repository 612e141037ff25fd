import type Stripe from 'stripe';
import { addDefaultConfiguration } from './objects/portal-configurations.ts';
import { addPrice } from './objects/prices.ts';
import { addProduct } from './objects/products.ts';
import type { World } from './world.ts';

export interface SeedPrice {
  readonly lookup_key: string;
  /** Minor units. */
  readonly unit_amount: number;
  readonly currency: string;
  /** Null for a price that is paid once. */
  readonly interval: 'day' | 'week' | 'month' | 'year' | null;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface SeedProduct {
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly prices: readonly SeedPrice[];
}

/** What is for sale when the fake starts. */
export interface Seed {
  readonly products: readonly SeedProduct[];
  /**
   * The default configuration of the customer portal. Absent: there is none, as in a new account.
   */
  readonly portal?: Stripe.BillingPortal.ConfigurationCreateParams;
}

/** Stores the seed, without events. */
export function seedWorld(world: World, { products, portal }: Seed): void {
  for (const { id, name, metadata, prices } of products) {
    addProduct(world, { id, name, metadata: { ...metadata } });
    for (const { interval, metadata = {}, ...price } of prices) {
      addPrice(world, {
        ...price,
        id: seededPriceId(price),
        product: id,
        recurring: interval === null ? null : { interval, interval_count: 1 },
        metadata: { ...metadata },
      });
    }
  }
  if (portal !== undefined) addDefaultConfiguration(world, portal);
}

/** The id of a seeded price: `price_` and its lookup key. */
export function seededPriceId({ lookup_key }: Pick<SeedPrice, 'lookup_key'>): string {
  return `price_${lookup_key}`;
}
