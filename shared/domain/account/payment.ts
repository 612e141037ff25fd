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
 * One refund of a payment. A refund that has failed brought its money back, and will not leave
 * again.
 */
export interface Refund {
  readonly id: string;
  readonly amount: MinorUnits;
  readonly has_failed: boolean;
}

/**
 * One payment for credits, and what became of its money. Its news come in any order: news of a
 * refund wait here for their purchase.
 */
export interface Payment {
  /** Stripe's payment intent, or the checkout session if nothing had to be paid. */
  readonly payment_id: string;
  /** Null until the purchase is known. */
  readonly purchase: Purchase | null;
  /** What was paid in all; 0 until the first news of money that went back. */
  readonly paid_amount: MinorUnits;
  /** The sum of all refunds, except failed ones. */
  readonly refunded_amount: MinorUnits;
  /**
   * All refunds one by one, once one of them has failed. From then on Stripe's sum does not tell
   * what went back.
   */
  readonly refunds: readonly Refund[];
  readonly disputes: readonly Dispute[];
  /** Credits of the purchase that were called back, whether they were still there or not. */
  readonly called_back_credits: Credits;
}

export function newPayment(payment_id: string): Payment {
  return {
    payment_id,
    purchase: null,
    paid_amount: 0,
    refunded_amount: 0,
    refunds: [],
    disputes: [],
    called_back_credits: 0,
  };
}

/** What a refund or a dispute says about a payment. */
export type MoneyReturned =
  | { readonly kind: 'refund'; readonly paid_amount: MinorUnits; readonly refunded_amount: MinorUnits }
  | {
      readonly kind: 'refunds';
      readonly paid_amount: MinorUnits;
      readonly refunds: readonly Refund[];
      /**
       * Whether these are all of the payment's refunds. If not, the known sum stays until all are
       * listed.
       */
      readonly are_all: boolean;
    }
  | { readonly kind: 'dispute'; readonly paid_amount: MinorUnits; readonly dispute: Dispute };

/**
 * The payment with the news. Sums only grow, a failed refund stays failed, and a dispute's state
 * after the most movements counts.
 */
export function withMoneyReturned(payment: Payment, news: MoneyReturned): Payment {
  const { paid_amount } = news;
  if (news.kind === 'refund') {
    return { ...payment, paid_amount, refunded_amount: Math.max(payment.refunded_amount, news.refunded_amount) };
  }
  if (news.kind === 'refunds') {
    const refunds = mergedRefunds(payment.refunds, news.refunds);
    const refunded_amount = news.are_all ? sumOfRefunds(refunds, false) : payment.refunded_amount;
    return { ...payment, paid_amount, refunds, refunded_amount };
  }
  const { dispute } = news;
  const known = payment.disputes.find(({ id }) => id === dispute.id);
  if (known !== undefined && known.transactions >= dispute.transactions) return { ...payment, paid_amount };
  const others = payment.disputes.filter(({ id }) => id !== dispute.id);
  return { ...payment, paid_amount, disputes: [...others, dispute] };
}

function mergedRefunds(known: readonly Refund[], heard_of: readonly Refund[]): readonly Refund[] {
  const refunds = new Map(known.map((refund) => [refund.id, refund]));
  for (const refund of heard_of) {
    const has_failed = refund.has_failed || (refunds.get(refund.id)?.has_failed ?? false);
    refunds.set(refund.id, { ...refund, has_failed });
  }
  return [...refunds.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The sum of the refunds that have failed, or of the others. */
export function sumOfRefunds(refunds: readonly Refund[], has_failed: boolean): MinorUnits {
  return refunds.filter((refund) => refund.has_failed === has_failed).reduce((sum, { amount }) => sum + amount, 0);
}

/**
 * How many credits to call back: the share of the money that went back, rounded down, so that a
 * customer never loses a credit that is still paid for.
 */
export function creditsToCallBack({ purchase, paid_amount, refunded_amount, disputes }: Payment): Credits {
  if (purchase === null || paid_amount === 0) return 0;
  const returned = disputes.reduce((sum, { withdrawn_amount }) => sum + withdrawn_amount, refunded_amount);
  if (returned >= paid_amount) return purchase.credits;
  // The product in between may be larger than a number can hold exactly.
  return Number((BigInt(purchase.credits) * BigInt(returned)) / BigInt(paid_amount));
}
