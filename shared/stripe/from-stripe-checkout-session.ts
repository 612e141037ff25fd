import * as z from '../zod.ts';
import {
  type CheckoutCompletedCommand,
  type Ignored,
  ignored,
  type PaymentCommand,
  type Quarantined,
  quarantined,
} from './stripe-command.ts';
import { account_metadata, pack_metadata, reference } from './stripe-fields.ts';

const session_fields = z.object({
  id: z.string(),
  mode: z.string(),
  customer: z.nullish(reference),
  payment_status: z.optional(z.string()),
  payment_intent: z.nullish(reference),
  metadata: z.unknown(),
});

/** The money is there, or none was needed. In every other status it comes later, or never. */
const paid_statuses: ReadonlySet<string> = new Set(['paid', 'no_payment_required']);

/**
 * A finished checkout. For a plan only the customer counts: money and subscription have events of
 * their own. For a pack it is the purchase, once it is paid. Only our metadata name the account and
 * what was promised to it: a Payment Link lets everybody write a `client_reference_id`.
 */
export function fromStripeCheckoutSession(
  session: unknown,
): CheckoutCompletedCommand | PaymentCommand | Ignored | Quarantined {
  const parsed = session_fields.safeParse(session);
  if (!parsed.success) return quarantined('unreadable');
  const { id, mode, customer, payment_status = '', payment_intent } = parsed.data;
  if (typeof customer !== 'string') return ignored;
  const subject = { stripe_customer_id: customer, account_id: account_metadata.parse(parsed.data.metadata) };
  if (mode === 'subscription') return { kind: 'checkout_completed', subject };
  const pack = pack_metadata.safeParse(parsed.data.metadata);
  if (mode !== 'payment' || !pack.success || !paid_statuses.has(payment_status)) return ignored;
  const payment_id = payment_intent ?? id;
  const { credits, description } = pack.data;
  return {
    kind: 'payment',
    subject,
    news: { kind: 'purchase', payment_id, credits, description, entry_id: `purchase:${payment_id}` },
  };
}
