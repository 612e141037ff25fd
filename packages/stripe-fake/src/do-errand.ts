import { endPhase } from './actions/advance-schedule.ts';
import { collectInvoice } from './actions/collect-invoice.ts';
import { expireIncomplete, expirePendingUpdate } from './actions/expire-subscription.ts';
import { renewSubscription } from './actions/renew-subscription.ts';
import { settlePayment } from './actions/settle-payment.ts';
import type { Errand } from './agenda.ts';
import { expireSession } from './objects/checkout-sessions.ts';
import { failRefund } from './objects/refunds.ts';
import { updateSubscription } from './objects/subscriptions.ts';
import type { World } from './world.ts';

/** Does an errand that is due. Deliveries are no errands: they retry themselves. */
export function doErrand(world: World, { kind, id }: Errand): void {
  const { store } = world;
  switch (kind) {
    case 'checkout_session.expire':
      expireSession(world, store.checkout_sessions.require(id));
      return;
    case 'payment_intent.settle':
      settlePayment(world, store.payment_intents.require(id));
      return;
    case 'refund.fail':
      failRefund(world, store.refunds.require(id));
      return;
    case 'invoice.finalize':
    case 'invoice.retry':
      collectInvoice(world, store.invoices.require(id), true);
      return;
    case 'subscription.end_of_period':
      renewSubscription(world, store.subscriptions.require(id));
      return;
    case 'subscription.trial_will_end':
      world.emit({ type: 'customer.subscription.trial_will_end', data: { object: store.subscriptions.require(id) } });
      return;
    case 'subscription.resume_collection':
      updateSubscription(world, store.subscriptions.require(id), { pause_collection: null });
      return;
    case 'subscription.expire_incomplete':
      expireIncomplete(world, store.subscriptions.require(id));
      return;
    case 'subscription.expire_pending_update':
      expirePendingUpdate(world, store.subscriptions.require(id));
      return;
    case 'subscription_schedule.advance':
      endPhase(world, store.subscription_schedules.require(id));
      return;
    case 'delivery.retry':
      return;
  }
}
