import type Stripe from 'stripe';
import { payCheckout } from '../actions/pay-checkout.ts';
import { StripeApiError } from '../api/errors.ts';
import { type Form, fieldOf } from '../api/form.ts';
import { AUTHENTICATION_REQUIRED, DECLINED } from '../objects/charges.ts';
import { successUrlOf } from '../objects/checkout-sessions.ts';
import type { World } from '../world.ts';
import { chosenCard } from './card-choices.ts';
import { checkoutPage } from './checkout-page.ts';
import type { PageAnswer } from './page-answer.ts';

/** How long checkout waits for the webhooks before it sends the customer back, as Stripe's does. */
const REDIRECT_PATIENCE_MS = 10_000;

/**
 * Shows a checkout session. Its form pays the session and goes on to the success URL, or says why
 * not.
 */
export async function answerCheckout(
  world: World,
  session: Stripe.Checkout.Session,
  method: string,
  form: Form,
  settled: () => Promise<void>,
): Promise<PageAnswer> {
  if (method !== 'POST' || session.status !== 'open') return { status: 200, html: checkoutPage(world, session, null) };
  const card = chosenCard(form);
  try {
    const paid = world.act(() => payCheckout(world, session, { card, email: fieldOf(form, 'email') }));
    if (paid.status !== 'complete') {
      const { message } = card === 'authenticate' ? AUTHENTICATION_REQUIRED : DECLINED;
      return { status: 200, html: checkoutPage(world, paid, message) };
    }
    await atMost(REDIRECT_PATIENCE_MS, settled());
    return { location: successUrlOf(paid) };
  } catch (error) {
    if (!(error instanceof StripeApiError)) throw error;
    return { status: 200, html: checkoutPage(world, session, error.message) };
  }
}

async function atMost(limit_ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limit_ms).unref();
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
