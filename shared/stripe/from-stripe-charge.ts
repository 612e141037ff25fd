import * as z from '../zod.ts';
import { type Ignored, ignored, type PaymentCommand, type Quarantined, quarantined } from './stripe-command.ts';
import { account_metadata, pack_metadata, reference } from './stripe-fields.ts';

const charge_fields = z.object({
  id: z.string(),
  customer: z.nullish(reference),
  payment_intent: z.nullish(reference),
  amount_captured: z.int(),
  amount_refunded: z.int(),
  metadata: z.unknown(),
});

/**
 * How much of a payment for credits was refunded, in all. A charge has the metadata of its payment
 * intent. A charge without ours paid for something else, and moves no credits.
 */
export function fromStripeCharge(charge: unknown): PaymentCommand | Ignored | Quarantined {
  const parsed = charge_fields.safeParse(charge);
  if (!parsed.success) return quarantined('unreadable');
  const { id, customer, payment_intent, amount_captured, amount_refunded, metadata } = parsed.data;
  if (typeof customer !== 'string' || typeof payment_intent !== 'string') return ignored;
  if (!pack_metadata.safeParse(metadata).success) return ignored;
  return {
    kind: 'payment',
    subject: { stripe_customer_id: customer, account_id: account_metadata.parse(metadata) },
    news: {
      kind: 'money_back_sum',
      payment_id: payment_intent,
      paid_amount: amount_captured,
      money_back_amount: amount_refunded,
      cause: `${id}:${amount_refunded}`,
    },
  };
}
