import * as z from 'zod';
import {
  type CheckoutCompletedCommand,
  type Ignored,
  ignored,
  type Quarantined,
  quarantined,
} from './stripe-command.ts';
import { account_metadata, reference } from './stripe-fields.ts';

const session_fields = z.object({
  customer: reference.nullish(),
  client_reference_id: z.string().min(1).max(128).nullable().catch(null).default(null),
  metadata: account_metadata,
});

/** Whose customer went through a checkout. Its money and its subscription come with events of their own. */
export function fromStripeCheckoutSession(session: unknown): CheckoutCompletedCommand | Ignored | Quarantined {
  const parsed = session_fields.safeParse(session);
  if (!parsed.success) return quarantined('unreadable');
  const { customer, client_reference_id, metadata } = parsed.data;
  if (typeof customer !== 'string') return ignored;
  return {
    kind: 'checkout_completed',
    subject: { stripe_customer_id: customer, account_id: metadata ?? client_reference_id },
  };
}
