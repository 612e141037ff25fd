import * as z from 'zod';
import { newerPayment, type PaidStretch } from '../domain/subscription.ts';
import {
  type Ignored,
  type InvoicePaidCommand,
  ignored,
  type LinesMissing,
  type Quarantined,
  quarantined,
} from './stripe-command.ts';
import { account_metadata, reference, seconds } from './stripe-fields.ts';

const line_fields = z.object({
  amount: z.int(),
  period: z.object({ start: seconds, end: seconds }),
  parent: z.object({ subscription_item_details: z.object({ subscription: reference.nullish() }).nullish() }).nullish(),
  /** Until API 2025-03-31 a line had a type and its subscription itself. */
  type: z.string().optional(),
  subscription: reference.nullish(),
});
type Line = z.output<typeof line_fields>;

const subscription_details = z.object({ subscription: reference.optional(), metadata: account_metadata }).nullish();

const invoice_fields = z.object({
  id: z.string(),
  customer: reference,
  lines: z.object({ data: z.array(line_fields), has_more: z.boolean().default(false) }),
  parent: z.object({ subscription_details }).nullish(),
  /** Until API 2025-03-31 these two stood on the invoice itself. */
  subscription: reference.nullish(),
  subscription_details,
});

/**
 * Which stretch of time a paid invoice covers of its subscription: that of the line that begins last, as two payments are compared.
 * Only lines for the subscription's own items count, and of these no credits: the credit for a year that was left early reaches to
 * the end of that year. An invoice for something else is ignored.
 */
export function fromStripeInvoice(invoice: unknown): InvoicePaidCommand | LinesMissing | Ignored | Quarantined {
  const parsed = invoice_fields.safeParse(invoice);
  if (!parsed.success) return quarantined('unreadable');
  const { id, customer, lines, parent, subscription, subscription_details } = parsed.data;
  const details = parent?.subscription_details ?? subscription_details;
  const stripe_subscription_id = details?.subscription ?? subscription ?? undefined;
  if (stripe_subscription_id === undefined) return ignored;
  if (lines.has_more) return { kind: 'lines_missing', stripe_invoice_id: id };
  const paid = lines.data
    .filter((line) => subscriptionOf(line) === stripe_subscription_id && line.amount >= 0)
    .map(({ period }): PaidStretch => ({ from: period.start, through: period.end }))
    .reduce<PaidStretch | null>(newerPayment, null);
  if (paid === null) return ignored;
  return {
    kind: 'invoice_paid',
    subject: { stripe_customer_id: customer, account_id: details?.metadata ?? null },
    stripe_subscription_id,
    paid,
  };
}

/** The same invoice with all of its lines. */
export function withInvoiceLines(invoice: unknown, lines: readonly unknown[]): unknown {
  return { ...z.looseObject({}).parse(invoice), lines: { data: lines, has_more: false } };
}

function subscriptionOf({ parent, type, subscription }: Line): string | null | undefined {
  return parent?.subscription_item_details?.subscription ?? (type === 'subscription' ? subscription : null);
}
