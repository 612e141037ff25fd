import type { BillingConfig } from '../shared/config/billing-config.ts';
import { packPrices, planPrices } from '../shared/config/prices.ts';
import type { Seed } from './stripe/fake-stripe.ts';

/** What billing.config.ts sells, as the products and prices that the fake Stripe begins with. */
export function seedOf(config: BillingConfig): Seed {
  const { currency } = config;
  const plan_prices = planPrices(config);
  const plans = Object.entries(config.plans).map(([plan, { name }]) => ({
    id: `prod_${plan}`,
    name,
    metadata: { plan },
    prices: plan_prices
      .filter((price) => price.plan === plan)
      // The plan stays with a price when another price takes over its lookup key.
      .map(({ lookup_key, amount, interval }) => ({
        lookup_key,
        unit_amount: amount,
        currency,
        interval,
        metadata: { plan },
      })),
  }));
  const packs = packPrices(config).map(({ pack, lookup_key, amount }) => ({
    id: `prod_pack_${pack}`,
    name: config.packs[pack]?.name ?? pack,
    metadata: { pack },
    prices: [{ lookup_key, unit_amount: amount, currency, interval: null }],
  }));
  return { products: [...plans, ...packs].filter(({ prices }) => prices.length > 0) };
}
