import type Stripe from 'stripe';
import type { Card } from '../cards.ts';
import { updateCustomer } from '../objects/customers.ts';
import { attachCard, createCard } from '../objects/payment-methods.ts';
import { isLive, updateSubscription } from '../objects/subscriptions.ts';
import type { World } from '../world.ts';

/**
 * Replaces the card, as a customer does in the portal: from now on every invoice is charged to it.
 */
export function replaceCard(world: World, customer_id: string, card: Card): Stripe.PaymentMethod {
  const customer = world.store.customers.require(customer_id);
  const attached = attachCard(world, createCard(world, card), customer_id);
  updateCustomer(world, customer, {
    invoice_settings: { ...customer.invoice_settings, default_payment_method: attached.id },
  });
  const usesOldCard = (row: Stripe.Subscription) =>
    row.customer === customer_id && isLive(row) && row.default_payment_method !== null;
  for (const subscription of world.store.subscriptions.list(usesOldCard)) {
    updateSubscription(world, subscription, { default_payment_method: attached.id });
  }
  return attached;
}
