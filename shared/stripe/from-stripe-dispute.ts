import * as z from '../zod.ts';
import {
  type DisputeNews,
  type Ignored,
  ignored,
  type PaymentCommand,
  type Quarantined,
  quarantined,
} from './stripe-command.ts';
import { account_metadata, pack_metadata, reference } from './stripe-fields.ts';

const dispute_fields = z.object({
  id: z.string(),
  amount: z.int().check(z.minimum(0)),
  payment_intent: z.nullish(reference),
  balance_transactions: z.array(z.object({ amount: z.int() })),
});

/**
 * The money that a dispute has moved. A dispute that has taken nothing yet (an inquiry) moves no
 * credits.
 */
export function fromStripeDispute(dispute: unknown): DisputeNews | Ignored | Quarantined {
  const parsed = dispute_fields.safeParse(dispute);
  if (!parsed.success) return quarantined('unreadable');
  const { id, amount, payment_intent, balance_transactions } = parsed.data;
  if (typeof payment_intent !== 'string' || balance_transactions.length === 0) return ignored;
  const movements = balance_transactions.map((movement) => movement.amount);
  return {
    kind: 'dispute',
    stripe_payment_intent_id: payment_intent,
    dispute: { id, transactions: movements.length, withdrawn_amount: withdrawnOf(amount, movements) },
  };
}

/**
 * How much of the disputed amount the bank holds now. Movements are in the currency of the Stripe
 * account's balance, which may differ from the payment's, so their proportion counts.
 */
function withdrawnOf(amount: number, movements: readonly number[]): number {
  const taken = -Math.min(0, ...movements);
  const kept = -movements.reduce((sum, movement) => sum + movement, 0);
  if (kept <= 0) return 0;
  return kept >= taken ? amount : Number((BigInt(amount) * BigInt(kept)) / BigInt(taken));
}

const payment_fields = z.object({
  id: z.string(),
  customer: z.nullish(reference),
  amount_received: z.int(),
  metadata: z.unknown(),
});

/**
 * The dispute's news with its payment. Only the payment says whose it is, and whether it was for
 * credits.
 */
export function withDisputedPayment(
  { dispute }: DisputeNews,
  payment_intent: unknown,
): PaymentCommand | Ignored | Quarantined {
  const parsed = payment_fields.safeParse(payment_intent);
  if (!parsed.success) return quarantined('unreadable');
  const { id, customer, amount_received, metadata } = parsed.data;
  if (typeof customer !== 'string' || !pack_metadata.safeParse(metadata).success) return ignored;
  return {
    kind: 'payment',
    subject: { stripe_customer_id: customer, account_id: account_metadata.parse(metadata) },
    news: {
      kind: 'dispute',
      payment_id: id,
      paid_amount: amount_received,
      dispute,
      cause: `${dispute.id}:${dispute.transactions}`,
    },
  };
}
