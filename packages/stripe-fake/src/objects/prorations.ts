import type Stripe from 'stripe';
import type { World } from '../world.ts';
import { buildLine, productName } from './invoice-lines.ts';
import { periodOf } from './subscriptions.ts';

/**
 * The cost of a change of items inside a period, to the second: the unused time of what goes is
 * credited, the remaining time of what comes is charged. Unchanged items have no line.
 * @see https://docs.stripe.com/billing/subscriptions/prorations
 */
export function prorationLines(
  world: World,
  before: Stripe.Subscription,
  after: Stripe.SubscriptionItem[],
  at: number,
  { start, end }: { start: number; end: number } = periodOf(before),
): Stripe.InvoiceLineItem[] {
  const share = Math.min(1, Math.max(0, (end - at) / (end - start)));
  const line = (item: Stripe.SubscriptionItem, sign: 1 | -1) => {
    const { price, quantity = 1 } = item;
    const whole = (price.unit_amount ?? 0) * quantity;
    const name = `${quantity === 1 ? '' : `${quantity} × `}${productName(world, price)}`;
    return buildLine(world, item, before.metadata, {
      amount: sign * Math.round(whole * share),
      description: `${sign === 1 ? 'Remaining' : 'Unused'} time on ${name} after ${dayOf(at)}`,
      period: { start: at, end },
      proration: true,
    });
  };
  const before_items = before.items.data;
  const gone = before_items.filter((item) => !after.some((other) => isSame(item, other)));
  const come = after.filter((item) => !before_items.some((other) => isSame(item, other)));
  return [...gone.map((item) => line(item, -1)), ...come.map((item) => line(item, 1))];
}

function isSame(one: Stripe.SubscriptionItem, other: Stripe.SubscriptionItem): boolean {
  return one.id === other.id && one.price.id === other.price.id && one.quantity === other.quantity;
}

/** `15 Nov 2026` */
function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
