import type Stripe from 'stripe';
import { managed } from '../../shared/stripe/managed.ts';

type Features = Stripe.BillingPortal.ConfigurationCreateParams.Features;

/** Stripe offers so many products in one portal. */
const products_max = 10;

/** A product on sale; a plan when one of its prices is paid again and again. */
interface Offer {
  readonly prices: readonly { readonly interval: string | null }[];
}

/** A product that the portal lets customers switch to, with the ids of its prices. */
export interface PortalProduct {
  readonly product: string;
  readonly prices: string[];
}

/**
 * The plans that the portal offers, cheapest first as in the configuration: as many as Stripe
 * allows.
 */
export function portalPlans<T extends Offer>(products: readonly T[]): T[] {
  return plansOf(products).slice(0, products_max);
}

/** The plans that are sold and that the portal has no room for. */
export function plansBeyondPortal<T extends Offer>(products: readonly T[]): T[] {
  return plansOf(products).slice(products_max);
}

/**
 * What customers may do in the portal. Whoever pays more from now on pays at once; whoever pays
 * less, or cancels, keeps what is paid for to the end of the period. A switch ends a trial: nobody
 * tries the cheapest plan and spends the dearest one's allowance. That an upgrade is applied only
 * when it is paid is how the portal does it: Stripe has no setting for that.
 */
export function portalFeatures(products: readonly PortalProduct[]): Features {
  return {
    customer_update: { enabled: true, allowed_updates: ['address', 'email', 'name', 'tax_id'] },
    invoice_history: { enabled: true },
    payment_method_update: { enabled: true },
    subscription_cancel: { enabled: true, mode: 'at_period_end', proration_behavior: 'none' },
    subscription_update: {
      enabled: products.length > 0,
      default_allowed_updates: ['price'],
      proration_behavior: 'always_invoice',
      products: [...products],
      schedule_at_period_end: {
        conditions: [{ type: 'decreasing_item_amount' }, { type: 'shortening_interval' }],
      },
      trial_update_behavior: 'end_trial',
    },
  };
}

/** The portal as it is made. */
export function portalParams(products: readonly PortalProduct[]): Stripe.BillingPortal.ConfigurationCreateParams {
  return { name: 'billing-credits', metadata: { ...managed }, features: portalFeatures(products) };
}

function plansOf<T extends Offer>(products: readonly T[]): T[] {
  return products.filter(({ prices }) => prices.some(({ interval }) => interval !== null));
}
