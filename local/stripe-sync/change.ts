import type Stripe from 'stripe';
import type { WantedEndpoint, WantedPrice, WantedProduct } from './wanted.ts';

/**
 * A product of the portal with its prices' lookup keys. The prices' ids are known only when all
 * prices are made.
 */
export interface PortalPlan {
  readonly product: string;
  readonly lookup_keys: readonly string[];
}

/**
 * One write to Stripe. `seen` holds the ids that stood in its place, so that the same state always
 * makes the same request.
 */
export type Change =
  | { readonly kind: 'create_product'; readonly product: WantedProduct }
  | { readonly kind: 'update_product'; readonly id: string; readonly params: Stripe.ProductUpdateParams }
  | {
      readonly kind: 'create_price';
      readonly product: string;
      readonly price: WantedPrice;
      /** The price that hands its lookup key to the new one. */
      readonly replaces: Stripe.Price | null;
      readonly seen: readonly string[];
    }
  | {
      readonly kind: 'update_price';
      readonly id: string;
      readonly lookup_key: string;
      readonly params: Stripe.PriceUpdateParams;
    }
  | { readonly kind: 'create_portal'; readonly plans: readonly PortalPlan[]; readonly seen: readonly string[] }
  | { readonly kind: 'update_portal'; readonly id: string; readonly plans: readonly PortalPlan[] }
  | { readonly kind: 'deactivate_price'; readonly price: Stripe.Price }
  | { readonly kind: 'create_endpoint'; readonly endpoint: WantedEndpoint; readonly seen: readonly string[] }
  | { readonly kind: 'update_endpoint'; readonly id: string; readonly endpoint: WantedEndpoint }
  | { readonly kind: 'disable_endpoint'; readonly outdated: Stripe.WebhookEndpoint };
