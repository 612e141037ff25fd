import type Stripe from 'stripe';
import { voidInvoice } from '../objects/invoices.ts';
import { updateSubscription } from '../objects/subscriptions.ts';
import { idOf, type World } from '../world.ts';

/** A first payment that never came. */
export function expireIncomplete(world: World, before: Stripe.Subscription): void {
  voidLatestInvoice(world, before);
  updateSubscription(world, before, { status: 'incomplete_expired', ended_at: world.seconds() });
}

/** A pending update that was not paid in time. */
export function expirePendingUpdate(world: World, before: Stripe.Subscription): void {
  voidLatestInvoice(world, before);
  const subscription = updateSubscription(world, before, { pending_update: null });
  world.emit({ type: 'customer.subscription.pending_update_expired', data: { object: subscription } });
}

function voidLatestInvoice(world: World, { latest_invoice }: Stripe.Subscription): void {
  const invoice = latest_invoice === null ? undefined : world.store.invoices.get(idOf(latest_invoice));
  if (invoice?.status === 'open') voidInvoice(world, invoice);
}
