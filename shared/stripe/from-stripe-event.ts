import * as z from '../zod.ts';
import { fromStripeCharge } from './from-stripe-charge.ts';
import { fromStripeCheckoutSession } from './from-stripe-checkout-session.ts';
import { fromStripeDeletedCustomer } from './from-stripe-customer.ts';
import { fromStripeDispute } from './from-stripe-dispute.ts';
import { fromStripeInvoice } from './from-stripe-invoice.ts';
import { fromStripeRefund } from './from-stripe-refund.ts';
import { fromStripeSubscription, type Offer } from './from-stripe-subscription.ts';
import {
  type DisputeNews,
  type Ignored,
  ignored,
  type LinesMissing,
  type Quarantined,
  quarantined,
  type RefundFailed,
  type StripeCommand,
} from './stripe-command.ts';
import { seconds } from './stripe-fields.ts';

/** An event's envelope. Only the id is required: without it nothing can be recorded. */
const event_fields = z.object({
  id: z.string().check(z.minLength(1), z.maxLength(255)),
  type: z.catch(z.string().check(z.maxLength(255)), 'unreadable'),
  created: z.catch(z.nullable(seconds), null),
  livemode: z.catch(z.nullable(z.boolean()), null),
  data: z.catch(z.nullable(z.object({ object: z.looseObject({}) })), null),
});
export type StripeEvent = z.output<typeof event_fields>;

/** The event's envelope. Throws if it has no id, because then it is no event. */
export function readStripeEvent(event: unknown): StripeEvent {
  return event_fields.parse(event);
}

/** What the translation of events depends on. */
export interface Reading extends Offer {
  /** Production takes live events, every other stage test events. */
  readonly is_production: boolean;
}

/**
 * What an event asks for. A type without a meaning here is ignored. An event that does not fit is
 * quarantined; it is never an error.
 */
export function fromStripeEvent(
  { type, created, livemode, data }: StripeEvent,
  { prices, catalog, is_production }: Reading,
): StripeCommand | LinesMissing | DisputeNews | RefundFailed | Ignored | Quarantined {
  if (created === null || livemode === null || data === null) return quarantined('unreadable');
  if (livemode !== is_production) return quarantined('wrong_livemode');
  switch (type) {
    case 'customer.subscription.created':
    case 'customer.subscription.updated':
    case 'customer.subscription.deleted':
    case 'customer.subscription.paused':
    case 'customer.subscription.resumed':
    case 'customer.subscription.trial_will_end':
      return fromStripeSubscription(data.object, { prices, catalog, snapshot_at: created });
    case 'invoice.paid':
      return fromStripeInvoice(data.object);
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return fromStripeCheckoutSession(data.object);
    case 'customer.deleted':
      return fromStripeDeletedCustomer(data.object);
    case 'charge.refunded':
      return fromStripeCharge(data.object);
    case 'refund.updated':
    case 'refund.failed':
      return fromStripeRefund(data.object);
    case 'charge.dispute.created':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated':
    case 'charge.dispute.closed':
      return fromStripeDispute(data.object);
    default:
      return ignored;
  }
}
