import { describe, expect, test } from 'vitest';
import { fromStripeInvoice, withInvoiceLines } from '../../shared/stripe/from-stripe-invoice.ts';
import { bought_s, invoiceObject, lineObject, pricedLineObject, renewed_s } from './stripe-objects.ts';

const month = { from: bought_s * 1_000, through: renewed_s * 1_000 };
const paid = [month];
const year_s = bought_s + 365 * 86_400;

describe('a paid invoice', () => {
  test('covers its subscription for the period it charges for', () => {
    expect(fromStripeInvoice(invoiceObject())).toEqual({
      kind: 'invoice_paid',
      subject: { stripe_customer_id: 'cus_1', account_id: 'u_1' },
      stripe_subscription_id: 'sub_1',
      paid,
    });
  });

  test('of zero, as for a trial, covers it too', () => {
    const lines = { has_more: false, data: [lineObject(renewed_s, { amount: 0 })] };
    expect(fromStripeInvoice(invoiceObject({ lines }))).toMatchObject({ paid });
  });

  test('names for each line the item and price it pays for, expanded or not, as far as it has them', () => {
    const pro = { stripe_item_id: 'si_1', stripe_price_id: 'price_pro_month' };
    const add_on = { stripe_item_id: 'si_2', stripe_price_id: 'price_add_on' };
    const price_details = { price: { id: 'price_add_on' }, product: 'prod_2' };
    const data = [
      pricedLineObject('si_1', 'price_pro_month'),
      pricedLineObject('si_2', '', { period: { start: bought_s, end: year_s }, pricing: { price_details } }),
      lineObject(),
    ];
    expect(fromStripeInvoice(invoiceObject({ lines: { has_more: false, data } }))).toMatchObject({
      paid: [{ ...month, item: pro }, { from: month.from, through: year_s * 1_000, item: add_on }, month],
    });
  });

  test('leaves out credits and lines for something else', () => {
    const other = { subscription_item_details: { subscription: 'sub_2', subscription_item: 'si_2', proration: false } };
    const item = { type: 'invoice_item_details', invoice_item_details: { subscription: 'sub_1' } } as const;
    const data = [
      lineObject(year_s, { amount: -29_000 }),
      lineObject(renewed_s),
      lineObject(year_s, { parent: other }),
      lineObject(year_s, { parent: item }),
      lineObject(year_s, { parent: null }),
    ];
    const invoice = invoiceObject({ lines: { has_more: false, data } });
    expect(fromStripeInvoice(invoice)).toMatchObject({ paid });
  });

  test('of an older API version names the subscription itself, and so do its lines', () => {
    const line = {
      amount: 2_900,
      period: { start: bought_s, end: renewed_s },
      type: 'subscription',
      subscription: 'sub_1',
      subscription_item: 'si_1',
      price: { id: 'price_pro_month', object: 'price' },
    };
    const item = { amount: 500, period: { start: bought_s, end: year_s }, type: 'invoiceitem', subscription: 'sub_1' };
    const older = {
      id: 'in_1',
      customer: { id: 'cus_1' },
      subscription: 'sub_1',
      subscription_details: { metadata: { account_id: 'u_1' } },
      lines: { data: [line, item] },
    };
    const newer = invoiceObject({ lines: { has_more: false, data: [pricedLineObject('si_1', 'price_pro_month')] } });
    expect(fromStripeInvoice(older)).toEqual(fromStripeInvoice(newer));
  });

  test('with more lines than it carries waits for them', () => {
    const invoice = invoiceObject({ lines: { has_more: true, data: [] } });
    expect(fromStripeInvoice(invoice)).toEqual({ kind: 'lines_missing', stripe_invoice_id: 'in_1' });
    expect(fromStripeInvoice(withInvoiceLines(invoice, [lineObject()]))).toEqual(fromStripeInvoice(invoiceObject()));
  });

  test.each([
    ['no subscription', invoiceObject({ parent: null })],
    ['credits only', invoiceObject({ lines: { has_more: false, data: [lineObject(year_s, { amount: -1 })] } })],
    [
      'lines of one time only',
      invoiceObject({ lines: { has_more: false, data: [lineObject(year_s, { parent: null })] } }),
    ],
  ])('with %s is ignored', (_, invoice) => {
    expect(fromStripeInvoice(invoice)).toEqual({ kind: 'ignored' });
  });

  test.each([null, {}, { ...invoiceObject(), lines: [] }, { ...invoiceObject(), customer: null }])(
    'that cannot be read is quarantined: %j',
    (invoice) => {
      expect(fromStripeInvoice(invoice)).toEqual({ kind: 'quarantined', reason: 'unreadable' });
    },
  );
});
