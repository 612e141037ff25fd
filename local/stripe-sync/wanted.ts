import Stripe from 'stripe';
import type { BillingConfig } from '../../shared/config/billing-config.ts';
import { packPrices, planPrices } from '../../shared/config/prices.ts';
import type { Interval } from '../../shared/domain/plan.ts';
import { stripe_event_types } from '../../shared/stripe/event-types.ts';
import { managed } from '../../shared/stripe/managed.ts';

export interface WantedPrice {
  readonly lookup_key: string;
  /** Minor units. */
  readonly unit_amount: number;
  readonly currency: string;
  /** Null for a price that is paid once. */
  readonly interval: Interval | null;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface WantedProduct {
  /** The product's id at Stripe. Names may change, ids do not. */
  readonly id: string;
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly prices: readonly WantedPrice[];
}

export interface WantedEndpoint {
  readonly url: string;
  readonly api_version: Stripe.WebhookEndpointCreateParams.ApiVersion;
  readonly enabled_events: readonly Stripe.WebhookEndpointCreateParams.EnabledEvent[];
}

/** What Stripe should have. */
export interface Wanted {
  readonly products: readonly WantedProduct[];
  /** Null leaves webhook endpoints alone. */
  readonly endpoint: WantedEndpoint | null;
}

/** What billing.config.ts sells, and where Stripe should send events. */
export function wantedOf(config: BillingConfig, webhook_url: string | null): Wanted {
  return { products: wantedProducts(config), endpoint: webhook_url === null ? null : wantedEndpoint(webhook_url) };
}

/** One product for each plan and pack that is sold. */
export function wantedProducts(config: BillingConfig): WantedProduct[] {
  const { currency } = config;
  const plan_prices = planPrices(config);
  const plans = Object.entries(config.plans).map(([plan, { name }]): WantedProduct => {
    // The price's metadata name the plan, so that subscribers keep the plan when another price
    // takes over the lookup key.
    const metadata = { ...managed, plan };
    const prices = plan_prices
      .filter((price) => price.plan === plan)
      .map(({ lookup_key, amount, interval }) => ({ lookup_key, unit_amount: amount, currency, interval, metadata }));
    return { id: `billing_credits_plan_${plan}`, name, metadata, prices };
  });
  const packs = packPrices(config).map(({ pack, lookup_key, amount }): WantedProduct => {
    const metadata = { ...managed, pack };
    return {
      id: `billing_credits_pack_${pack}`,
      name: config.packs[pack]?.name ?? pack,
      metadata,
      prices: [{ lookup_key, unit_amount: amount, currency, interval: null, metadata }],
    };
  });
  return [...plans, ...packs].filter(({ prices }) => prices.length > 0);
}

function wantedEndpoint(url: string): WantedEndpoint {
  return { url, api_version: Stripe.API_VERSION, enabled_events: stripe_event_types };
}
