import { type PortalProduct, portalParams, portalPlans } from '../stripe-sync/portal-features.ts';
import type { WantedPrice, WantedProduct } from '../stripe-sync/wanted.ts';
import { addDefaultConfiguration } from './objects/portal-configurations.ts';
import { addPrice } from './objects/prices.ts';
import { addProduct } from './objects/products.ts';
import type { World } from './world.ts';

type SeedPrice = Omit<WantedPrice, 'metadata'> & Partial<Pick<WantedPrice, 'metadata'>>;

/** What is for sale when the fake starts: what `npm run stripe:sync` makes. */
export interface Seed {
  readonly products: readonly (Omit<WantedProduct, 'prices'> & { readonly prices: readonly SeedPrice[] })[];
}

/** Puts the seed into the store, with the portal that belongs to it. Nobody is told: no events. */
export function seedWorld(world: World, seed: Seed): void {
  const products = seed.products.map((product) => ({
    ...product,
    prices: product.prices.map((price) => ({ ...price, metadata: price.metadata ?? {} })),
  }));
  for (const { id, name, metadata, prices } of products) {
    addProduct(world, { id, name, metadata: { ...metadata } });
    for (const { interval, metadata, ...price } of prices) {
      addPrice(world, {
        ...price,
        id: priceId(price),
        product: id,
        recurring: interval === null ? null : { interval, interval_count: 1 },
        metadata: { ...metadata },
      });
    }
  }
  const offered = portalPlans(products).map(
    ({ id, prices }): PortalProduct => ({ product: id, prices: prices.map(priceId) }),
  );
  addDefaultConfiguration(world, portalParams(offered));
}

function priceId({ lookup_key }: Pick<WantedPrice, 'lookup_key'>): string {
  return `price_${lookup_key}`;
}
