import type { Dispute, MoneyBack } from '../domain/account/payment.ts';
import type { PaidLine, SubscriptionSnapshot } from '../domain/account/subscription.ts';
import type { PaymentNews } from '../domain/billing/decide-payment.ts';

/** Whose event it is. The customer finds the account, or the metadata that we gave the object. */
export interface Subject {
  readonly stripe_customer_id: string;
  readonly account_id: string | null;
}

export interface SubscriptionCommand {
  readonly kind: 'subscription';
  readonly subject: Subject;
  readonly snapshot: SubscriptionSnapshot;
  /**
   * The subscription has ended and has no price of a plan and no metadata of ours. Perhaps it was
   * never for anything here.
   */
  readonly is_foreign?: true;
}

export interface InvoicePaidCommand {
  readonly kind: 'invoice_paid';
  readonly subject: Subject;
  readonly stripe_subscription_id: string;
  /** What the invoice charges for the subscription's items, line by line. */
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

/** The event does not hold all lines of its invoice: read them first. */
export interface LinesMissing {
  readonly kind: 'lines_missing';
  readonly stripe_invoice_id: string;
}

/**
 * Money that a bank took, or returned. Only the payment says whose it is and what it paid for: read
 * it first.
 */
export interface DisputeNews {
  readonly kind: 'dispute';
  readonly stripe_payment_intent_id: string;
  readonly dispute: Dispute;
}

/**
 * A refund whose money came back. Only the payment's refunds say whose it is, what it paid for, and
 * what else was refunded: read them first.
 */
export interface RefundFailed {
  readonly kind: 'refund_failed';
  readonly stripe_payment_intent_id: string;
  readonly money_back: MoneyBack;
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

/** Why an event could not be placed. docs/runbook.md says what to do about each reason. */
export type QuarantineReason =
  /** A required field is missing or wrong. */
  | 'unreadable'
  /** A test event in production, or a live one elsewhere. */
  | 'wrong_livemode'
  /**
   * The subscription has not ended, and none of its prices belongs to a plan of billing.config.ts.
   */
  | 'unknown_price'
  /** The subscription has prices of two plans. */
  | 'several_plans'
  /** No account has the customer, and the metadata names none. */
  | 'unknown_customer'
  /** The metadata names an account that has another customer. */
  | 'customer_mismatch'
  /** The account has another subscription, which is live at Stripe. */
  | 'other_subscription_live'
  /** Stripe has no subscription with this id. */
  | 'subscription_not_found'
  /** Stripe has no payment intent with this id. */
  | 'payment_not_found'
  /** The account has no room for so many credits. */
  | 'credits_out_of_range';

export const ignored: Ignored = { kind: 'ignored' };

export function quarantined(reason: QuarantineReason): Quarantined {
  return { kind: 'quarantined', reason };
}
