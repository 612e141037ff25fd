import * as z from 'zod';
import {
  type CheckoutCompletedCommand,
  type Ignored,
  ignored,
  type Quarantined,
  quarantined,
} from './stripe-command.ts';
import { account_metadata, reference } from './stripe-fields.ts';

const session_fields = z.object({ mode: z.string(), customer: reference.nullish(), metadata: account_metadata });

/**
 * Whose customer went through a checkout for a plan. Its money and its subscription come with events of their own. The account is
 * named by our metadata only: a Payment Link lets everybody write a `client_reference_id`.
 */
export function fromStripeCheckoutSession(session: unknown): CheckoutCompletedCommand | Ignored | Quarantined {
  const parsed = session_fields.safeParse(session);
  if (!parsed.success) return quarantined('unreadable');
  const { mode, customer, metadata } = parsed.data;
  if (mode !== 'subscription' || typeof customer !== 'string') return ignored;
  return { kind: 'checkout_completed', subject: { stripe_customer_id: customer, account_id: metadata } };
}
