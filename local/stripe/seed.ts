import { addDefaultConfiguration } from './objects/portal-configurations.ts';
import { addPrice } from './objects/prices.ts';
import { addProduct } from './objects/products.ts';
import type { World } from './world.ts';

/** What is for sale when the fake starts. */
export interface Seed {
  products: {
    id: string;
    name: string;
    metadata: Record<string, string>;
    prices: {
      lookup_key: string;
      /** Minor units. */
      unit_amount: number;
      currency: string;
      /** Null for a price that is paid once. */
      interval: 'month' | 'year' | null;
      metadata?: Record<string, string>;
    }[];
  }[];
}

/** Puts the seed into the store. Nobody is told: no events. */
export function seedWorld(world: World, { products }: Seed): void {
  for (const { prices, ...product } of products) {
    addProduct(world, product);
    for (const { interval, ...price } of prices) {
      addPrice(world, {
        ...price,
        id: `price_${price.lookup_key}`,
        product: product.id,
        recurring: interval === null ? null : { interval, interval_count: 1 },
      });
    }
  }
  addDefaultConfiguration(world);
}
