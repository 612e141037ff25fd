/**
 * Events that may change an account. Reconciliation lists them; Stripe lists at most 20 types at
 * once.
 */
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
 * Events for which a webhook endpoint asks: those that may change an account, and those worth a
 * record. Others that come are recorded as ignored.
 */
export const stripe_event_types = [
  ...moving_event_types,
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'invoice.payment_failed',
  'invoice.payment_action_required',
] as const;
