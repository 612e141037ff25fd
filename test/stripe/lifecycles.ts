import type Stripe from 'stripe';
import { periodStart } from '../../shared/domain/period.ts';
import { StubStripe } from './stripe-account.ts';
import {
  bought_s,
  chargeObject,
  disputeObject,
  eventObject,
  invoiceObject,
  itemObject,
  type Part,
  packSessionObject,
  paymentIntentObject,
  pricedLineObject,
  refundObject,
  sessionObject,
  subscriptionObject,
} from './stripe-objects.ts';

const hour_s = 3_600;
const day_s = 24 * hour_s;

/** So many months after the purchase, in Stripe's seconds. */
function monthsLater(months: number, from_s = bought_s): number {
  return periodStart(from_s * 1_000, months) / 1_000;
}

/** All that Stripe tells of something, and what it answers when it is asked afterwards. */
export interface Lifecycle {
  /** As Stripe sends them, oldest first. */
  readonly events: readonly ReturnType<typeof eventObject>[];
  readonly stripe: StubStripe;
  /** When all of it has happened. */
  readonly now: number;
}

/** A line of an invoice: for which price, from when to when, and whether it gives money back. */
type Line = readonly [lookup_key: string, from_s: number, to_s: number, amount?: number];

/** Tells of the account u_1 as Stripe does, one thing after the other. */
class Story implements Lifecycle {
  readonly events: ReturnType<typeof eventObject>[] = [];
  readonly stripe = new StubStripe();
  readonly #metadata = { account_id: 'u_1' };
  #at_s = bought_s;
  #id = 'sub_1';
  #lookup_key = 'pro_month';
  #ends_s = monthsLater(1);
  #state: Part<Stripe.Subscription> = {};
  /** What is left of the payment to dispute. */
  #disputed = 3_000;

  get now(): number {
    return this.#at_s * 1_000;
  }

  at(seconds: number): this {
    this.#at_s = seconds;
    return this;
  }

  later(seconds: number): this {
    return this.at(this.#at_s + seconds);
  }

  tell(type: Stripe.Event.Type, object: object): this {
    this.events.push(eventObject(type, object, { created: this.#at_s }));
    return this;
  }

  /** The subscription's price and the end of its period, which its next state has. */
  on(lookup_key: string, ends_s: number, id = this.#id): this {
    if (id !== this.#id) this.#state = {};
    this.#id = id;
    this.#lookup_key = lookup_key;
    this.#ends_s = ends_s;
    return this;
  }

  /** Its next state. */
  subscription(
    what: 'created' | 'updated' | 'deleted' | 'paused' | 'resumed' | 'trial_will_end',
    changes: Part<Stripe.Subscription> = {},
  ): this {
    this.#state = { ...this.#state, ...changes };
    const item = { ...itemObject(this.#lookup_key, {}, `si_${this.#id}`), current_period_end: this.#ends_s };
    const object = subscriptionObject({
      id: this.#id,
      metadata: this.#metadata,
      items: { object: 'list', data: [item] },
      ...this.#state,
    });
    this.stripe.subscriptions.set(this.#id, object);
    return this.tell(`customer.subscription.${what}`, object);
  }

  invoice(type: 'invoice.paid' | 'invoice.payment_failed' | 'invoice.payment_action_required', ...lines: Line[]): this {
    const data = lines.map(([lookup_key, start, end, amount = 2_900]) => {
      const subscription_item_details = { subscription: this.#id, subscription_item: `si_${this.#id}` };
      const parent = { type: 'subscription_item_details', subscription_item_details } as const;
      return pricedLineObject('', `price_${lookup_key}`, { amount, period: { start, end }, parent });
    });
    const subscription_details = { subscription: this.#id, metadata: this.#metadata };
    const parent = { type: 'subscription_details', subscription_details } as const;
    return this.tell(type, invoiceObject({ id: `in_${this.events.length}`, parent, lines: { has_more: false, data } }));
  }

  /** A checkout, as Stripe tells it: all within two seconds. */
  bought(lookup_key: string, months = 1, id = this.#id): this {
    const from_s = this.#at_s;
    const to_s = monthsLater(months, from_s);
    return this.on(lookup_key, to_s, id)
      .subscription('created', { status: 'incomplete', billing_cycle_anchor: from_s })
      .subscription('updated', { status: 'active' })
      .invoice('invoice.paid', [lookup_key, from_s, to_s])
      .later(1)
      .tell('checkout.session.completed', sessionObject({ id: `cs_${id}`, payment_status: 'paid' }));
  }

  /** The next month begins; its invoice is a draft for an hour. */
  renews(month: number, lookup_key = this.#lookup_key): this {
    return this.at(monthsLater(month))
      .on(lookup_key, monthsLater(month + 1))
      .subscription('updated');
  }

  renewed(month: number, lookup_key = this.#lookup_key): this {
    return this.renews(month, lookup_key)
      .later(hour_s)
      .invoice('invoice.paid', [lookup_key, monthsLater(month), monthsLater(month + 1)]);
  }

  fails(): this {
    return this.invoice('invoice.payment_failed');
  }

  bought_packs(): this {
    this.stripe.payments.set('pi_1', paymentIntentObject());
    return this.tell('checkout.session.completed', packSessionObject());
  }

  /**
   * Refunds one by one, as the charge has them now: those with a minus have failed. The last one
   * has changed.
   */
  refunds(...amounts: number[]): this {
    const charge = chargeObject({ amount_refunded: amounts.reduce((sum, amount) => sum + Math.max(0, amount), 0) });
    const refunds = amounts.map((amount, n) => {
      const status = amount < 0 ? 'failed' : 'succeeded';
      return refundObject(Math.abs(amount), { id: `re_${n}`, status, charge });
    });
    this.stripe.refunds.set('pi_1', refunds);
    this.later(day_s);
    if ((amounts.at(-1) ?? 0) > 0) return this.tell('charge.refunded', charge);
    const failed = { ...refunds.at(-1), charge: 'ch_1' };
    return this.tell('refund.updated', failed).tell('refund.failed', failed);
  }

  refunded(amount_refunded: number): this {
    this.#disputed = 3_000 - amount_refunded;
    return this.later(day_s).tell('charge.refunded', chargeObject({ amount_refunded }));
  }

  disputed(what: 'created' | 'funds_withdrawn' | 'closed' | 'funds_reinstated', ...moved: number[]): this {
    return this.tell(`charge.dispute.${what}`, disputeObject(moved, { amount: this.#disputed }));
  }
}

const trial_ends_s = bought_s + 14 * day_s;

function onTrial(): Story {
  return new Story()
    .on('pro_month', trial_ends_s)
    .subscription('created', { status: 'trialing', billing_cycle_anchor: trial_ends_s })
    .invoice('invoice.paid', ['pro_month', bought_s, trial_ends_s, 0])
    .later(1)
    .tell('checkout.session.completed', sessionObject({ payment_status: 'no_payment_required' }))
    .at(trial_ends_s - 3 * day_s)
    .subscription('trial_will_end')
    .at(trial_ends_s);
}

function pastDue(): Story {
  return new Story()
    .bought('pro_month')
    .renews(1)
    .later(hour_s)
    .fails()
    .subscription('updated', { status: 'past_due' });
}

const upgraded_s = bought_s + 10 * day_s;
const year_s = monthsLater(12, upgraded_s);

/** What can happen to a subscription or to a payment, and all that Stripe tells of it. */
export const lifecycles = {
  buy: () => new Story().bought('pro_month').renewed(1),
  trial: () =>
    onTrial()
      .on('pro_month', monthsLater(1, trial_ends_s))
      .subscription('updated', { status: 'active' })
      .later(hour_s)
      .invoice('invoice.paid', ['pro_month', trial_ends_s, monthsLater(1, trial_ends_s)]),
  'trial that nobody pays for': () => onTrial().subscription('deleted', { status: 'canceled' }),
  upgrade: () =>
    new Story()
      .bought('pro_month')
      .at(upgraded_s)
      .on('pro_plus_month', monthsLater(1))
      .subscription('updated')
      .invoice(
        'invoice.paid',
        ['pro_month', upgraded_s, monthsLater(1), -1_900],
        ['pro_plus_month', upgraded_s, monthsLater(1), 6_600],
      )
      .renewed(1),
  'from the month to the year': () =>
    new Story()
      .bought('pro_month')
      .at(upgraded_s)
      .on('pro_year', year_s)
      .subscription('updated', { billing_cycle_anchor: upgraded_s })
      .invoice(
        'invoice.paid',
        ['pro_month', upgraded_s, monthsLater(1), -1_900],
        ['pro_year', upgraded_s, year_s, 29_000],
      )
      .later(45 * day_s),
  downgrade: () =>
    new Story()
      .bought('pro_plus_month')
      .later(5 * day_s)
      .subscription('updated', { schedule: 'sub_sched_1' })
      .renewed(1, 'pro_month'),
  cancel: () =>
    new Story()
      .bought('pro_month')
      .later(day_s)
      .subscription('updated', { cancel_at_period_end: true })
      .later(day_s)
      .subscription('updated', { cancel_at_period_end: false })
      .later(day_s)
      .subscription('updated', { cancel_at_period_end: true })
      .at(monthsLater(1))
      .subscription('deleted', { status: 'canceled' }),
  'cancel at once': () => new Story().bought('pro_month').later(day_s).subscription('deleted', { status: 'canceled' }),
  'the customer is deleted': () =>
    new Story()
      .bought('pro_month')
      .later(day_s)
      .subscription('deleted', { status: 'canceled' })
      .tell('customer.deleted', { id: 'cus_1', object: 'customer', metadata: { account_id: 'u_1' } }),
  pause: () =>
    new Story()
      .bought('pro_month')
      .later(day_s)
      .subscription('updated', { status: 'paused' })
      .subscription('paused')
      .later(day_s)
      .subscription('updated', { status: 'active' })
      .subscription('resumed'),
  dunning: () =>
    pastDue()
      .later(day_s)
      .invoice('invoice.payment_action_required')
      .fails()
      .later(4 * day_s)
      .invoice('invoice.paid', ['pro_month', monthsLater(1), monthsLater(2)])
      .subscription('updated', { status: 'active' }),
  'dunning in vain': () =>
    pastDue()
      .later(7 * day_s)
      .fails()
      .subscription('deleted', { status: 'canceled' }),
  'dunning, given up and paid after all': () =>
    pastDue()
      .later(7 * day_s)
      .fails()
      .subscription('updated', { status: 'unpaid' })
      .later(3 * day_s)
      .invoice('invoice.paid', ['pro_month', monthsLater(1), monthsLater(2)])
      .subscription('updated', { status: 'active' }),
  'buy another one beside one that stays unpaid': () =>
    pastDue()
      .later(7 * day_s)
      .subscription('updated', { status: 'unpaid' })
      .later(day_s)
      .bought('pro_plus_month', 1, 'sub_2'),
  'buy again after the end': () =>
    new Story()
      .bought('pro_month')
      .later(day_s)
      .subscription('deleted', { status: 'canceled' })
      .later(day_s)
      .bought('pro_plus_month', 1, 'sub_2'),
  refund: () => new Story().bought_packs().refunded(1_000).refunded(2_000).refunded(3_000),
  'refund that fails, and another one': () =>
    new Story().bought_packs().refunds(1_000).refunds(-1_000).refunds(-1_000, 600),
  'refunds of which the second fails': () =>
    new Story().bought_packs().refunds(600).refunds(600, 900).refunds(600, -900),
  'refund in part of a payment that came late': () =>
    new Story()
      .tell('checkout.session.completed', packSessionObject({ payment_status: 'unpaid' }))
      .later(2 * day_s)
      .tell('checkout.session.async_payment_succeeded', packSessionObject())
      .refunded(1_000)
      .refunded(1_500),
  dispute: () => {
    const story = new Story()
      .bought_packs()
      .later(9 * day_s)
      .disputed('created')
      .disputed('funds_withdrawn', -3_000);
    return story
      .later(9 * day_s)
      .disputed('closed', -3_000)
      .disputed('funds_reinstated', -3_000, 3_000);
  },
  'dispute that is lost, after a refund': () => {
    const story = new Story()
      .bought_packs()
      .refunded(1_000)
      .later(9 * day_s)
      .disputed('created');
    return story
      .disputed('funds_withdrawn', -2_000)
      .later(9 * day_s)
      .disputed('closed', -2_000);
  },
} as const satisfies Record<string, () => Lifecycle>;

export type LifecycleName = keyof typeof lifecycles;
