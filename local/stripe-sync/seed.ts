import { type Seed, type SeedProduct, seededPriceId } from '@billing-credits/stripe-fake';
import { type PortalProduct, portalParams, portalPlans } from './portal-features.ts';

/** These products and their portal for the fake: what `npm run stripe:sync` makes in an account. */
export function seedOf(products: readonly SeedProduct[]): Seed {
  const offered = portalPlans(products).map(
    ({ id, prices }): PortalProduct => ({ product: id, prices: prices.map(seededPriceId) }),
  );
  return { products, portal: portalParams(offered) };
}
