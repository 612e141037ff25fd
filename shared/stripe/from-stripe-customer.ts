import * as z from '../zod.ts';
import { type CustomerDeletedCommand, type Quarantined, quarantined } from './stripe-command.ts';
import { account_metadata } from './stripe-fields.ts';

const customer_fields = z.object({ id: z.string(), metadata: account_metadata });

/** A deleted customer. Stripe ends the customer's subscriptions, and sends an event for each. */
export function fromStripeDeletedCustomer(customer: unknown): CustomerDeletedCommand | Quarantined {
  const parsed = customer_fields.safeParse(customer);
  if (!parsed.success) return quarantined('unreadable');
  const { id, metadata } = parsed.data;
  return { kind: 'customer_deleted', subject: { stripe_customer_id: id, account_id: metadata } };
}
