import Stripe from 'stripe';
import type { World } from '../world.ts';
import { idOf } from '../world.ts';

/** Kept, because making a format is slow. */
const FORMATS = new Map<string, Intl.NumberFormat>();

/** `$20.00` */
export function money(amount: number, currency: string): string {
  const format = FORMATS.get(currency) ?? new Intl.NumberFormat('en', { style: 'currency', currency });
  FORMATS.set(currency, format);
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

/** `$20.00 / month`, or `$5.00` for a price that is paid once. */
export function priceLabel(price: Stripe.Price): string {
  const amount = money(price.unit_amount ?? 0, price.currency);
  if (price.recurring === null) return amount;
  const { interval, interval_count } = price.recurring;
  return `${amount} / ${interval_count === 1 ? interval : `${interval_count} ${interval}s`}`;
}

export function productName(world: World, price: Stripe.Price): string {
  return world.store.products.get(idOf(price.product))?.name ?? idOf(price.product);
}

interface LineDetails {
  amount: number;
  description: string;
  period: Stripe.InvoiceLineItem.Period;
  proration: boolean;
}

/** A line for one item of a subscription. It gets its invoice's id when the invoice is made. */
export function buildLine(
  world: World,
  item: Stripe.SubscriptionItem,
  metadata: Stripe.Metadata,
  details: LineDetails,
): Stripe.InvoiceLineItem {
  const { price, quantity = 1 } = item;
  return {
    id: world.id('il_1'),
    object: 'line_item',
    amount: details.amount,
    currency: price.currency,
    description: details.description,
    discount_amounts: [],
    discountable: !details.proration,
    discounts: [],
    invoice: null,
    livemode: false,
    metadata,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: details.proration ? world.id('ii_1') : null,
        proration: details.proration,
        proration_details: { credited_items: null },
        subscription: item.subscription,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
    period: details.period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: price.id, product: idOf(price.product) },
      type: 'price_details',
      unit_amount_decimal: price.unit_amount_decimal,
    },
    quantity,
    quantity_decimal: Stripe.Decimal.from(quantity),
    subscription: item.subscription,
    subtotal: details.amount,
    taxes: [],
  };
}

/** The lines of a whole period, or of a trial (which cost nothing). */
export function periodLines(
  world: World,
  items: Stripe.SubscriptionItem[],
  metadata: Stripe.Metadata,
  trial: boolean,
): Stripe.InvoiceLineItem[] {
  return items.map((item) => {
    const { price, quantity = 1 } = item;
    const name = productName(world, price);
    return buildLine(world, item, metadata, {
      amount: trial ? 0 : (price.unit_amount ?? 0) * quantity,
      description: trial ? `Trial period for ${name}` : `${quantity} × ${name} (at ${priceLabel(price)})`,
      period: { start: item.current_period_start, end: item.current_period_end },
      proration: false,
    });
  });
}
