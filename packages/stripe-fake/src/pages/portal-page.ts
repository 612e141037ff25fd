import type Stripe from 'stripe';
import { money, priceLabel, productName } from '../objects/invoice-lines.ts';
import { cardFor, methodLabel } from '../objects/payment-methods.ts';
import { nextPhase, scheduleOf } from '../objects/subscription-schedules.ts';
import { isLive, periodOf } from '../objects/subscriptions.ts';
import { idOf, type World } from '../world.ts';
import { cardChoices } from './card-choices.ts';
import { type Html, html, NOTHING, page } from './html.ts';

/** The customer portal: the subscription with its changes, the card, the invoices, the way back. */
export function portalPage(
  world: World,
  session: Stripe.BillingPortal.Session,
  configuration: Stripe.BillingPortal.Configuration,
  error: string | null,
): string {
  const { features } = configuration;
  const { customer } = session;
  const subscriptions = world.store.subscriptions.list((row) => row.customer === customer && isLive(row));
  return page(
    'Billing',
    html`<h1>${configuration.business_profile.headline ?? 'Manage your subscription'}</h1>
${error === null ? NOTHING : html`<p class="error" id="error" role="alert">${error}</p>`}
${subscriptions.length === 0 ? html`<p id="no-subscription">You have no subscription.</p>` : NOTHING}
${subscriptions.map((subscription) => subscriptionSection(world, session, features, subscription))}
${features.payment_method_update.enabled ? cardSection(world, session) : NOTHING}
${features.invoice_history.enabled ? invoiceSection(world, customer) : NOTHING}
${session.return_url === null ? NOTHING : html`<p><a id="return" href="${session.return_url}">Return</a></p>`}`,
  );
}

function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

function subscriptionSection(
  world: World,
  session: Stripe.BillingPortal.Session,
  features: Stripe.BillingPortal.Configuration.Features,
  subscription: Stripe.Subscription,
): Html {
  const { items, status, cancel_at } = subscription;
  const names = items.data.map(({ price }) => `${productName(world, price)}, ${priceLabel(price)}`).join(' + ');
  const next = cancel_at === null ? `renews ${dayOf(periodOf(subscription).end)}` : `ends ${dayOf(cancel_at)}`;
  const scheduled = scheduledPrice(world, subscription);
  return html`<section>
<h2>Current plan</h2>
<p id="plan">${names}</p>
<p id="status">${status}, ${next}</p>
${scheduled === null ? NOTHING : html`<p id="scheduled">Changes to ${productName(world, scheduled)} then.</p>`}
${features.subscription_update.enabled ? changeForm(world, session, features, subscription) : NOTHING}
${features.subscription_cancel.enabled ? cancelForm(session, subscription) : NOTHING}
</section>`;
}

/** The price of the next phase, if there is one. */
function scheduledPrice(world: World, subscription: Stripe.Subscription): Stripe.Price | null {
  const schedule = scheduleOf(world, subscription);
  const price = schedule === null ? undefined : nextPhase(schedule)?.items[0]?.price;
  return price === undefined ? null : (world.store.prices.get(idOf(price)) ?? null);
}

function changeForm(
  world: World,
  session: Stripe.BillingPortal.Session,
  features: Stripe.BillingPortal.Configuration.Features,
  subscription: Stripe.Subscription,
): Html {
  const current = subscription.items.data[0]?.price.id;
  const offered = (features.subscription_update.products ?? [])
    .flatMap(({ prices }) => prices)
    .flatMap((id) => world.store.prices.get(id) ?? [])
    .filter(({ id, active }) => active && id !== current);
  if (offered.length === 0) return NOTHING;
  return html`<form method="post" action="/p/session/${session.id}">
<input type="hidden" name="action" value="change"><input type="hidden" name="subscription" value="${subscription.id}">
<fieldset><legend>Change plan</legend>
${offered.map(
  (price) =>
    html`<label><input type="radio" name="price" value="${price.id}" required> ${productName(world, price)}, ${priceLabel(price)}</label>
`,
)}</fieldset>
<button type="submit" id="change">Change plan</button>
</form>`;
}

function cancelForm(session: Stripe.BillingPortal.Session, subscription: Stripe.Subscription): Html {
  const ends = subscription.cancel_at !== null;
  return html`<form method="post" action="/p/session/${session.id}">
<input type="hidden" name="action" value="${ends ? 'take_back' : 'cancel'}">
<input type="hidden" name="subscription" value="${subscription.id}">
<p><button type="submit" id="${ends ? 'take-back' : 'cancel'}">${ends ? 'Don’t cancel' : 'Cancel subscription'}</button></p>
</form>`;
}

function cardSection(world: World, session: Stripe.BillingPortal.Session): Html {
  const card = cardFor(world, session.customer, null);
  return html`<section><h2>Payment method</h2>
<p id="card">${card === null ? 'None' : methodLabel(card)}</p>
<form method="post" action="/p/session/${session.id}"><input type="hidden" name="action" value="card">
${cardChoices()}
<button type="submit" id="save-card">Save card</button></form></section>`;
}

function invoiceSection(world: World, customer_id: string): Html {
  const invoices = world.store.invoices.list((invoice) => invoice.customer === customer_id);
  return html`<section><h2>Invoices</h2><table id="invoices">${invoices.map(
    ({ created, status, total, currency }) =>
      html`<tr><td>${dayOf(created)}</td><td>${status ?? ''}</td><td>${money(total, currency)}</td></tr>
`,
  )}</table></section>`;
}
