import { type Seed, type SeedProduct, seededPriceId } from '@billing-credits/stripe-fake';
import { type PortalProduct, portalParams, portalPlans } from './portal-features.ts';

/**
 * The seed of the fake: these products and their portal, as `npm run stripe:sync` makes them in an
 * account.
 */
export function seedOf(products: readonly SeedProduct[]): Seed {
  const offered = portalPlans(products).map(
    ({ id, prices }): PortalProduct => ({ product: id, prices: prices.map(seededPriceId) }),
  );
  return { products, portal: portalParams(offered) };
}
