import { isLive } from '../domain/account/subscription.ts';
import type { SubscriptionFacts } from '../domain/billing/decide-subscription.ts';
import { fromListedSubscription, withLatestInvoiceLines } from './from-listed-subscription.ts';
import type { StripeGateway } from './gateway.ts';
import type { Answers, EventQuestion, PlanReading } from './plan-event.ts';

/** The calls to Stripe that answer what an event lacks. */
export type StripeAnswers = Pick<
  StripeGateway,
  'fetchSubscription' | 'fetchSubscriptionsOf' | 'fetchInvoiceLines' | 'fetchPaymentIntent' | 'fetchRefundsOf'
>;

/** The answers with that to one more question. Rejects with `StripeUnavailable`. */
export async function askStripe(
  stripe: StripeAnswers,
  question: EventQuestion,
  answers: Answers,
  reading: PlanReading,
): Promise<Answers> {
  switch (question.kind) {
    case 'invoice_lines':
      return { ...answers, lines: await stripe.fetchInvoiceLines(question.stripe_invoice_id) };
    case 'payment_intent':
      return { ...answers, payment: await stripe.fetchPaymentIntent(question.stripe_payment_intent_id) };
    case 'money_back':
      return { ...answers, refunds: await stripe.fetchRefundsOf(question.payment_id) };
    case 'subscription': {
      const { stripe_subscription_id, known } = question;
      return { ...answers, subscription: { object: await stripe.fetchSubscription(stripe_subscription_id), known } };
    }
    case 'current_subscription': {
      const { known } = question;
      return { ...answers, current: { object: await stripe.fetchSubscription(known.stripe_subscription_id), known } };
    }
    case 'successor':
      return { ...answers, successor: await findSuccessor(stripe, question.stripe_customer_id, reading) };
  }
}

/** A live subscription of the customer, with what was paid for it. */
async function findSuccessor(
  stripe: StripeAnswers,
  stripe_customer_id: string,
  reading: PlanReading,
): Promise<SubscriptionFacts | null> {
  const listed_at = { ...reading, snapshot_at: reading.created_at };
  for (const other of await stripe.fetchSubscriptionsOf(stripe_customer_id)) {
    const listed = fromListedSubscription(other, listed_at);
    if (listed === null || !isLive(listed.facts.snapshot)) continue;
    if (listed.long_invoice_id === null) return listed.facts;
    const lines = await stripe.fetchInvoiceLines(listed.long_invoice_id);
    return fromListedSubscription(withLatestInvoiceLines(other, lines), listed_at)?.facts ?? null;
  }
  return null;
}
