import type Stripe from 'stripe';
import { concludeDebit } from '../objects/payment-intents.ts';
import { idOf, type World } from '../world.ts';
import { followPayment } from './collect-invoice.ts';

/**
 * The bank's answer about a debit, days after the customer paid. Invoice and checkout session
 * follow.
 */
export function settlePayment(world: World, processing: Stripe.PaymentIntent): void {
  if (processing.status !== 'processing') return;
  const intent = concludeDebit(world, processing);
  const [payment] = world.store.invoice_payments.list((row) => row.payment.payment_intent === intent.id);
  const invoice = payment === undefined ? undefined : world.store.invoices.require(idOf(payment.invoice));
  if (invoice?.status === 'open') followPayment(world, invoice, intent, invoice.attempt_count);
  const [session] = world.store.checkout_sessions.list(
    (row) => row.payment_intent === intent.id || (invoice !== undefined && row.invoice === invoice.id),
  );
  if (session?.status === 'complete' && session.payment_status === 'unpaid') tell(world, session, intent);
}

function tell(world: World, before: Stripe.Checkout.Session, { status }: Stripe.PaymentIntent): void {
  const is_paid = status === 'succeeded';
  const session = world.store.checkout_sessions.put({ ...before, payment_status: is_paid ? 'paid' : 'unpaid' });
  const type = is_paid ? 'checkout.session.async_payment_succeeded' : 'checkout.session.async_payment_failed';
  world.emit({ type, data: { object: session } });
}

/** The debit for which a completed checkout session waits, or null. */
export function pendingPaymentOf(world: World, session: Stripe.Checkout.Session): Stripe.PaymentIntent | null {
  const [payment] = world.store.invoice_payments.list((row) => row.invoice === session.invoice);
  const id = session.payment_intent ?? payment?.payment.payment_intent;
  const intent = id === undefined ? undefined : world.store.payment_intents.get(idOf(id));
  return intent?.status === 'processing' ? intent : null;
}
