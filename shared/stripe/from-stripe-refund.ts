import type { MoneyBack } from '../domain/account/payment.ts';
import * as z from '../zod.ts';
import { fromStripeCharge } from './from-stripe-charge.ts';
import {
  type Ignored,
  ignored,
  type PaymentCommand,
  type Quarantined,
  quarantined,
  type RefundFailed,
} from './stripe-command.ts';
import { reference } from './stripe-fields.ts';

const refund_fields = z.object({
  id: z.string(),
  amount: z.int().check(z.minimum(0)),
  status: z.nullish(z.string()),
  payment_intent: z.nullish(reference),
  charge: z.unknown(),
});

/**
 * The money has not reached the customer, and never will. In the status pending it is on its way.
 */
const failed_statuses: ReadonlySet<string> = new Set(['failed', 'canceled']);

/** A refund that has failed. Other refunds are known by their charge. */
export function fromStripeRefund(refund: unknown): RefundFailed | Ignored | Quarantined {
  const parsed = refund_fields.safeParse(refund);
  if (!parsed.success) return quarantined('unreadable');
  const { payment_intent } = parsed.data;
  const known = moneyBackOf(parsed.data);
  if (typeof payment_intent !== 'string' || !known.has_failed) return ignored;
  return { kind: 'refund_failed', stripe_payment_intent_id: payment_intent, money_back: known };
}

/**
 * The refunds of a payment, one by one, each with its charge, which says whose it is and whether it
 * was for credits. `heard_of` is the refund of an event: the list may not know yet that it failed.
 */
export function fromStripeRefunds(
  refunds: readonly unknown[],
  heard_of: readonly MoneyBack[] = [],
): PaymentCommand | Ignored | Quarantined {
  const parsed = z.array(refund_fields).safeParse(refunds);
  if (!parsed.success) return quarantined('unreadable');
  const [first] = parsed.data;
  if (first === undefined) return quarantined('payment_not_found');
  const command = fromStripeCharge(first.charge);
  if (command.kind !== 'payment' || command.news.kind !== 'money_back_sum') return command;
  const { payment_id, paid_amount } = command.news;
  const charge = z.object({ id: z.string() }).parse(first.charge);
  const all = [...parsed.data.map(moneyBackOf), ...heard_of];
  return {
    ...command,
    news: { kind: 'money_back_list', payment_id, paid_amount, money_back: all, are_all: true, cause: charge.id },
  };
}

function moneyBackOf({ id, amount, status }: z.output<typeof refund_fields>): MoneyBack {
  return { id, amount, has_failed: typeof status === 'string' && failed_statuses.has(status) };
}
