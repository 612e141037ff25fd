import type { PaidLine } from '../domain/account/subscription.ts';
import * as z from '../zod.ts';
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
  parent: z.nullish(
    z.object({
      subscription_item_details: z.nullish(
        z.object({ subscription: z.nullish(reference), subscription_item: z.nullish(reference) }),
      ),
    }),
  ),
  pricing: z.nullish(z.object({ price_details: z.nullish(z.object({ price: z.nullish(reference) })) })),
  /**
   * Until API 2025-03-31 a line had a type, its subscription, that subscription's item, and its
   * price itself.
   */
  type: z.optional(z.string()),
  subscription: z.nullish(reference),
  subscription_item: z.nullish(reference),
  price: z.nullish(reference),
});
type Line = z.output<typeof line_fields>;

const subscription_details = z.nullish(z.object({ subscription: z.optional(reference), metadata: account_metadata }));

const invoice_fields = z.object({
  id: z.string(),
  customer: reference,
  lines: z.object({ data: z.array(line_fields), has_more: z._default(z.boolean(), false) }),
  parent: z.nullish(z.object({ subscription_details })),
  /** Until API 2025-03-31 these two were fields of the invoice itself. */
  subscription: z.nullish(reference),
  subscription_details,
});

/**
 * What a paid invoice charges for its subscription's own items, line by line. Credits do not count:
 * the credit for a year that was left early reaches to the end of that year. Lines that are charged
 * once do not count either. An invoice for something else is ignored.
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
    .map(paidLineOf);
  if (paid.length === 0) return ignored;
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

function paidLineOf(line: Line): PaidLine {
  const { period, parent, pricing } = line;
  const stretch = { from: period.start, through: period.end };
  const stripe_item_id = parent?.subscription_item_details?.subscription_item ?? line.subscription_item ?? null;
  const stripe_price_id = pricing?.price_details?.price ?? line.price ?? null;
  if (stripe_item_id === null || stripe_price_id === null) return stretch;
  return { ...stretch, item: { stripe_item_id, stripe_price_id } };
}
