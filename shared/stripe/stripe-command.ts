import type { PaymentNews } from '../domain/decide-payment.ts';
import type { Dispute, Refund } from '../domain/payment.ts';
import type { PaidLine, SubscriptionSnapshot } from '../domain/subscription.ts';

/** Whose event it is: the account is found by its customer, or by the metadata that we gave the object. */
export interface Subject {
  readonly stripe_customer_id: string;
  readonly account_id: string | null;
}

export interface SubscriptionCommand {
  readonly kind: 'subscription';
  readonly subject: Subject;
  readonly snapshot: SubscriptionSnapshot;
  /** It has ended, has no price of a plan, and no metadata of ours: perhaps it never was for anything here. */
  readonly is_foreign?: true;
}

export interface InvoicePaidCommand {
  readonly kind: 'invoice_paid';
  readonly subject: Subject;
  readonly stripe_subscription_id: string;
  /** What the invoice charges for of the subscription's items, line by line. */
  readonly paid: readonly PaidLine[];
}

export interface CheckoutCompletedCommand {
  readonly kind: 'checkout_completed';
  readonly subject: Subject;
}

export interface CustomerDeletedCommand {
  readonly kind: 'customer_deleted';
  readonly subject: Subject;
}

/** News of a payment for credits. */
export interface PaymentCommand {
  readonly kind: 'payment';
  readonly subject: Subject;
  readonly news: PaymentNews;
}

/** What was paid for is not all in the event: read the invoice's lines first. */
export interface LinesMissing {
  readonly kind: 'lines_missing';
  readonly stripe_invoice_id: string;
}

/** Money that a bank took back, or returned. Whose, and for what it was paid, only the payment says: read it first. */
export interface DisputeNews {
  readonly kind: 'dispute';
  readonly stripe_payment_intent_id: string;
  readonly dispute: Dispute;
}

/** A refund whose money came back. Whose, for what it was paid, and what else was refunded, only the payment's refunds say: read them first. */
export interface RefundFailed {
  readonly kind: 'refund_failed';
  readonly stripe_payment_intent_id: string;
  readonly refund: Refund;
}

export interface Ignored {
  readonly kind: 'ignored';
}

export interface Quarantined {
  readonly kind: 'quarantined';
  readonly reason: QuarantineReason;
}

/** What an event asks of an account. */
export type StripeCommand =
  | SubscriptionCommand
  | InvoicePaidCommand
  | CheckoutCompletedCommand
  | CustomerDeletedCommand
  | PaymentCommand;

/** Why an event could not be placed. Operators see it; the runbook says what to do about each. */
export type QuarantineReason =
  /** A field that is needed is missing or is not what it should be. */
  | 'unreadable'
  /** A test event in production, or a live one elsewhere. */
  | 'wrong_livemode'
  /** No price of the subscription is that of a plan in billing.config.ts, and it has not ended. */
  | 'unknown_price'
  /** The subscription is to two plans at once. */
  | 'several_plans'
  /** No account has the customer, and the metadata names none. */
  | 'unknown_customer'
  /** The metadata names an account that has another customer. */
  | 'customer_mismatch'
  /** The account has another subscription, and Stripe says that it is live. */
  | 'other_subscription_live'
  /** Stripe knows no subscription of this id. */
  | 'subscription_not_found'
  /** Stripe knows no payment intent of this id. */
  | 'payment_not_found'
  /** The account has no room for so many credits. */
  | 'credits_out_of_range';

export const ignored: Ignored = { kind: 'ignored' };

export function quarantined(reason: QuarantineReason): Quarantined {
  return { kind: 'quarantined', reason };
}
