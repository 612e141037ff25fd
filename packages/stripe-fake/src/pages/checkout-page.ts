import type Stripe from 'stripe';
import { lineItemsOf, successUrlOf } from '../objects/checkout-sessions.ts';
import { money, priceLabel } from '../objects/invoice-lines.ts';
import type { World } from '../world.ts';
import { cardChoices } from './card-choices.ts';
import { type Html, html, NOTHING, page } from './html.ts';

/** The page of a checkout session: what is bought, a card to choose, Pay. */
export function checkoutPage(world: World, session: Stripe.Checkout.Session, error: string | null): string {
  if (session.status === 'complete') {
    const url = successUrlOf(session);
    return page(
      'Paid',
      html`<h1>You’re all done here</h1><p id="done">This checkout session has been paid.</p>
<p><a href="${url}">Continue</a></p>`,
    );
  }
  if (session.status === 'expired') {
    return page('Expired', html`<h1>Something went wrong</h1><p id="expired">This checkout session has expired.</p>`);
  }
  const total = money(session.amount_total ?? 0, session.currency ?? 'usd');
  const title = session.mode === 'subscription' ? 'Subscribe' : 'Pay';
  return page(
    title,
    html`<h1>${title}</h1>
<table id="line-items">${lineItemsOf(world, session.id).data.map(row)}
<tr><td><strong>Total due today</strong></td><td id="total"><strong>${total}</strong></td></tr></table>
${error === null ? NOTHING : html`<p class="error" id="error" role="alert">${error}</p>`}
<form method="post" action="/c/pay/${session.id}">
${emailField(session)}
<fieldset><legend>Card</legend>
${cardChoices()}
</fieldset>
<button type="submit" id="pay">Pay ${total}</button>
</form>
${session.cancel_url === null ? NOTHING : html`<p><a id="cancel" href="${session.cancel_url}">Cancel and go back</a></p>`}`,
  );
}

function row({ description, price, quantity, amount_total, currency }: Stripe.LineItem): Html {
  const label = price === null ? money(amount_total, currency) : priceLabel(price);
  return html`<tr><td>${description ?? ''}${quantity === 1 ? '' : ` × ${quantity ?? 1}`}</td><td>${label}</td></tr>
`;
}

function emailField(session: Stripe.Checkout.Session): Html {
  if (session.customer !== null || session.customer_email !== null) return NOTHING;
  return html`<label>Email <input type="email" name="email" required value="customer@example.com"></label>`;
}
