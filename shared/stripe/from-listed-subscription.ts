import type { SubscriptionFacts } from '../domain/billing/decide-subscription.ts';
import type { Instant } from '../domain/units.ts';
import * as z from '../zod.ts';
import { fromStripeInvoice, withInvoiceLines } from './from-stripe-invoice.ts';
import { fromStripeSubscription, type Offer } from './from-stripe-subscription.ts';
import type { Subject } from './stripe-command.ts';

const listed_fields = z.object({
  latest_invoice: z.catch(z.nullable(z.looseObject({ id: z.string(), status: z.nullish(z.string()) })), null),
});

/** A subscription as Stripe listed it. */
export interface ListedSubscription {
  readonly subject: Subject;
  readonly facts: SubscriptionFacts & Required<Pick<SubscriptionFacts, 'snapshot'>>;
  /** The latest invoice, if it is paid. */
  readonly paid_invoice: Readonly<Record<string, unknown>> | null;
  /**
   * The latest invoice's id, if it has more lines than the list shows. Then the facts do not tell
   * what was paid.
   */
  readonly long_invoice_id: string | null;
}

/**
 * A subscription's snapshot, and what was paid for it, from a list with the latest invoices. Null
 * for a subscription to something that is no plan here.
 */
export function fromListedSubscription(
  subscription: unknown,
  { snapshot_at, ...offer }: Offer & { snapshot_at: Instant },
): ListedSubscription | null {
  const command = fromStripeSubscription(subscription, { ...offer, snapshot_at });
  if (command.kind !== 'subscription') return null;
  const { subject, snapshot } = command;
  const invoice = listed_fields.parse(subscription).latest_invoice;
  const paid_invoice = invoice?.status === 'paid' ? invoice : null;
  const payment = paid_invoice === null ? null : fromStripeInvoice(paid_invoice);
  return {
    subject,
    paid_invoice,
    long_invoice_id: payment?.kind === 'lines_missing' ? payment.stripe_invoice_id : null,
    facts: {
      stripe_customer_id: subject.stripe_customer_id,
      stripe_subscription_id: snapshot.stripe_subscription_id,
      snapshot,
      fetched: true,
      ...(payment?.kind === 'invoice_paid' ? { paid: payment.paid } : {}),
    },
  };
}

/** The same subscription with all lines of its latest invoice. */
export function withLatestInvoiceLines(subscription: unknown, lines: readonly unknown[]): unknown {
  const { latest_invoice, ...fields } = z.looseObject({ latest_invoice: z.unknown() }).parse(subscription);
  return { ...fields, latest_invoice: withInvoiceLines(latest_invoice, lines) };
}
