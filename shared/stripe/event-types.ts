/** The events that may move an account. Reconciliation lists them, and Stripe lists at most 20 types at once. */
export const moving_event_types = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.trial_will_end',
  'customer.deleted',
  'invoice.paid',
  'charge.refunded',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
  'charge.dispute.closed',
] as const;

/**
 * The events that a webhook endpoint has sent to us: what moves an account, and what is worth a record. All others are recorded as
 * ignored when they come.
 */
export const stripe_event_types = [
  ...moving_event_types,
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'invoice.payment_failed',
  'invoice.payment_action_required',
] as const;
