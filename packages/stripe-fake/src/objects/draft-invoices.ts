import type Stripe from 'stripe';
import { listOf } from '../api/lists.ts';
import { idOf, type World } from '../world.ts';

export interface InvoiceDetails {
  id: string;
  subscription: Stripe.Subscription;
  billing_reason: 'subscription_create' | 'subscription_cycle' | 'subscription_update' | 'upcoming';
  lines: Stripe.InvoiceLineItem[];
  period_start: number;
  period_end: number;
  /** Epoch seconds; null for an invoice that is finalised at once. */
  automatically_finalizes_at: number | null;
  /** False for an invoice that only a person may retry. */
  auto_advance?: boolean;
}

/** A draft's shape. */
export function buildInvoice(world: World, details: InvoiceDetails): Stripe.Invoice {
  const { id, subscription } = details;
  const customer = world.store.customers.require(idOf(subscription.customer), 'customer');
  const lines = details.lines.map((line) => ({ ...line, invoice: id }));
  const total = lines.reduce((sum, line) => sum + line.amount, 0);
  const due = Math.max(0, total + customer.balance);
  return {
    ...emptyInvoice(world, customer),
    id,
    amount_due: due,
    amount_remaining: due,
    auto_advance: details.auto_advance ?? true,
    automatically_finalizes_at: details.automatically_finalizes_at,
    billing_reason: details.billing_reason,
    currency: subscription.currency,
    default_payment_method: null,
    lines: listOf(lines, `/v1/invoices/${id}/lines`),
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    period_end: details.period_end,
    period_start: details.period_start,
    starting_balance: customer.balance,
    subtotal: total,
    subtotal_excluding_tax: total,
    total,
    total_excluding_tax: total,
  };
}

/** An invoice about nothing yet, for one customer. */
function emptyInvoice(world: World, customer: Stripe.Customer): Stripe.Invoice {
  return {
    id: '',
    object: 'invoice',
    account_country: 'US',
    account_name: 'Local',
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: null,
    collection_method: 'charge_automatically',
    created: world.seconds(),
    currency: 'usd',
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: null,
    customer_tax_exempt: customer.tax_exempt ?? null,
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: listOf([], '/v1/invoices'),
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    parent: null,
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: 0,
    period_start: 0,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'draft',
    status_transitions: { finalized_at: null, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: null,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  };
}
