import type { Credits, Instant } from '../units.ts';

/** Money in the currency's minor units. */
export type MinorUnits = number;

/** What a payment bought: the lot, its credits at the opening, and when. */
export interface Purchase {
  readonly lot_id: string;
  readonly credits: Credits;
  readonly opened_at: Instant;
}

/** The newest known state of a dispute. */
export interface Dispute {
  readonly id: string;
  /** How often the dispute's money has moved: taken, given back. A larger number is newer. */
  readonly transactions: number;
  /** How much of the payment's money the bank holds now. */
  readonly withdrawn_amount: MinorUnits;
}

/**
 * Money that one Stripe refund gives back to the customer. If the refund has failed, the money came
 * back to you and will not leave again.
 */
export interface MoneyBack {
  readonly id: string;
  readonly amount: MinorUnits;
  readonly has_failed: boolean;
}

/**
 * One payment for credits, and what became of its money. Its news come in any order: news of
 * money back wait here for their purchase.
 */
export interface Payment {
  /** Stripe's payment intent, or the checkout session if nothing had to be paid. */
  readonly payment_id: string;
  /** Null until the purchase is known. */
  readonly purchase: Purchase | null;
  /** What was paid in all; 0 until the first news of money that went back. */
  readonly paid_amount: MinorUnits;
  /** The sum of all money back, except where it failed. */
  readonly money_back_amount: MinorUnits;
  /**
   * Every return of money by itself, once one of Stripe's refunds has failed. From then on
   * Stripe's sum does not tell what went back.
   */
  readonly money_back: readonly MoneyBack[];
  readonly disputes: readonly Dispute[];
  /** Credits of the purchase that were called back, whether they were still there or not. */
  readonly called_back_credits: Credits;
}

export function newPayment(payment_id: string): Payment {
  return {
    payment_id,
    purchase: null,
    paid_amount: 0,
    money_back_amount: 0,
    money_back: [],
    disputes: [],
    called_back_credits: 0,
  };
}

/** What a refund or a dispute says about a payment. */
export type MoneyReturned =
  | { readonly kind: 'money_back_sum'; readonly paid_amount: MinorUnits; readonly money_back_amount: MinorUnits }
  | {
      readonly kind: 'money_back_list';
      readonly paid_amount: MinorUnits;
      readonly money_back: readonly MoneyBack[];
      /**
       * Whether this is all of the payment's money back. If not, the known sum stays until all is
       * listed.
       */
      readonly are_all: boolean;
    }
  | { readonly kind: 'dispute'; readonly paid_amount: MinorUnits; readonly dispute: Dispute };

/**
 * The payment with the news. Sums only grow, what has failed stays failed, and a dispute's state
 * after the most movements counts.
 */
export function withMoneyReturned(payment: Payment, news: MoneyReturned): Payment {
  const { paid_amount } = news;
  if (news.kind === 'money_back_sum') {
    return { ...payment, paid_amount, money_back_amount: Math.max(payment.money_back_amount, news.money_back_amount) };
  }
  if (news.kind === 'money_back_list') {
    const money_back = mergedMoneyBack(payment.money_back, news.money_back);
    const money_back_amount = news.are_all ? sumOfMoneyBack(money_back, false) : payment.money_back_amount;
    return { ...payment, paid_amount, money_back, money_back_amount };
  }
  const { dispute } = news;
  const known = payment.disputes.find(({ id }) => id === dispute.id);
  if (known !== undefined && known.transactions >= dispute.transactions) return { ...payment, paid_amount };
  const others = payment.disputes.filter(({ id }) => id !== dispute.id);
  return { ...payment, paid_amount, disputes: [...others, dispute] };
}

function mergedMoneyBack(known: readonly MoneyBack[], heard_of: readonly MoneyBack[]): readonly MoneyBack[] {
  const merged = new Map(known.map((one) => [one.id, one]));
  for (const one of heard_of) {
    const has_failed = one.has_failed || (merged.get(one.id)?.has_failed ?? false);
    merged.set(one.id, { ...one, has_failed });
  }
  return [...merged.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The sum of the money back that has failed, or of the rest. */
export function sumOfMoneyBack(money_back: readonly MoneyBack[], has_failed: boolean): MinorUnits {
  return money_back.filter((one) => one.has_failed === has_failed).reduce((sum, { amount }) => sum + amount, 0);
}

/**
 * How many credits to call back: the share of the money that went back, rounded down, so that a
 * customer never loses a credit that is still paid for.
 */
export function creditsToCallBack({ purchase, paid_amount, money_back_amount, disputes }: Payment): Credits {
  if (purchase === null || paid_amount === 0) return 0;
  const returned = disputes.reduce((sum, { withdrawn_amount }) => sum + withdrawn_amount, money_back_amount);
  if (returned >= paid_amount) return purchase.credits;
  // The product in between may be larger than a number can hold exactly.
  return Number((BigInt(purchase.credits) * BigInt(returned)) / BigInt(paid_amount));
}
