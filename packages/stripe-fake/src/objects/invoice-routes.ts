import type Stripe from 'stripe';
import * as z from 'zod';
import { collectInvoice } from '../actions/collect-invoice.ts';
import { invalidRequest, StripeApiError } from '../api/errors.ts';
import { pageOf } from '../api/lists.ts';
import { isWithin, pagination, range, text } from '../api/params.ts';
import { type Route, route } from '../api/route.ts';
import type { World } from '../world.ts';
import { DECLINED } from './charges.ts';
import {
  finalizeInvoice,
  isSubscriptionInvoice,
  paymentIntentOf,
  updateInvoice,
  voidInvoice,
  writeOffInvoice,
} from './invoices.ts';
import { HOUR } from './periods.ts';

const listParams = z.strictObject({
  ...pagination,
  created: range.optional(),
  customer: text.optional(),
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
  subscription: text.optional(),
});

const paymentListParams = z.strictObject({
  ...pagination,
  created: range.optional(),
  invoice: text.optional(),
  payment: z.strictObject({ type: z.literal('payment_intent'), payment_intent: text }).optional(),
  status: z.enum(['canceled', 'open', 'paid']).optional(),
});

const ACTION_REQUIRED = {
  code: 'invoice_payment_intent_requires_action',
  message: 'Payment for this invoice requires additional user action before it can be completed successfully.',
} as const;

/** @throws StripeApiError 402 if the card is declined, 400 for an invoice that cannot be paid. */
function pay(world: World, invoice: Stripe.Invoice): Stripe.Invoice {
  if (invoice.status === 'paid') throw invalidRequest('Invoice is already paid', { code: 'invoice_already_paid' });
  if (invoice.status === 'void' || invoice.status === null) {
    throw invalidRequest(`Invoice is ${invoice.status} and cannot be paid.`);
  }
  if (paymentIntentOf(world, invoice)?.status === 'processing') {
    throw invalidRequest('This invoice has a payment that is still processing.');
  }
  const collected = collectInvoice(world, invoice, false);
  if (collected.outcome !== 'failed') return collected.invoice;
  const intent = paymentIntentOf(world, collected.invoice);
  const { message, ...details } = intent?.status === 'requires_action' ? ACTION_REQUIRED : DECLINED;
  throw new StripeApiError(402, 'card_error', message, {
    ...details,
    ...(intent === null ? {} : { payment_intent: intent }),
  });
}

export const invoiceRoutes: Route[] = [
  route('GET', '/v1/invoices/:id', z.strictObject({}), ({ world, id }) => world.store.invoices.require(id)),
  route('GET', '/v1/invoices', listParams, ({ world, params }) => {
    const { customer, subscription, status, created } = params;
    return pageOf(
      world.store.invoices.list(),
      params,
      '/v1/invoices',
      (invoice) =>
        (customer === undefined || invoice.customer === customer) &&
        (subscription === undefined || isSubscriptionInvoice(invoice, subscription)) &&
        (status === undefined || invoice.status === status) &&
        isWithin(invoice.created, created),
    );
  }),
  route('GET', '/v1/invoices/:id/lines', z.strictObject({ ...pagination }), ({ world, id, params }) => {
    const { lines } = world.store.invoices.require(id);
    return pageOf(lines.data, params, lines.url);
  }),
  route('POST', '/v1/invoices/:id/pay', z.strictObject({}), ({ world, id }) =>
    pay(world, world.store.invoices.require(id)),
  ),
  route('POST', '/v1/invoices/:id/finalize', z.strictObject({}), ({ world, id }) => {
    const invoice = world.store.invoices.require(id);
    if (invoice.status !== 'draft') {
      throw invalidRequest("This invoice is already finalized, you can't re-finalize a non-draft invoice.", {
        code: 'invoice_not_editable',
      });
    }
    const open = finalizeInvoice(world, invoice);
    return updateInvoice(world, open, { next_payment_attempt: world.seconds() + HOUR });
  }),
  route('POST', '/v1/invoices/:id/void', z.strictObject({}), ({ world, id }) => {
    const invoice = world.store.invoices.require(id);
    if (invoice.status === 'open') return voidInvoice(world, invoice);
    throw invalidRequest('You can only pass in open invoices. This invoice isn’t open.');
  }),
  route('POST', '/v1/invoices/:id/mark_uncollectible', z.strictObject({}), ({ world, id }) => {
    const invoice = world.store.invoices.require(id);
    if (invoice.status === 'open') return writeOffInvoice(world, invoice);
    throw invalidRequest('You can only pass in open invoices. This invoice isn’t open.');
  }),
  route('GET', '/v1/invoice_payments/:id', z.strictObject({}), ({ world, id }) =>
    world.store.invoice_payments.require(id),
  ),
  route('GET', '/v1/invoice_payments', paymentListParams, ({ world, params }) => {
    const { invoice, payment, status, created } = params;
    return pageOf(
      world.store.invoice_payments.list(),
      params,
      '/v1/invoice_payments',
      (row) =>
        (invoice === undefined || row.invoice === invoice) &&
        (payment === undefined || row.payment.payment_intent === payment.payment_intent) &&
        (status === undefined || row.status === status) &&
        isWithin(row.created, created),
    );
  }),
];
