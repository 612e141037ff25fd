import type Stripe from 'stripe';
import { changeSubscription, PRORATION_BEHAVIORS, type SubscriptionChange } from '../actions/change-subscription.ts';
import { replaceCard } from '../actions/replace-card.ts';
import { putOffPrice } from '../actions/schedule-subscription.ts';
import { invalidRequest, StripeApiError } from '../api/errors.ts';
import { type Form, fieldOf } from '../api/form.ts';
import { cancellationAtPeriodEnd, endSubscription, updateSubscription } from '../objects/subscriptions.ts';
import { idOf, type World } from '../world.ts';
import { chosenCard } from './card-choices.ts';
import type { PageAnswer } from './page-answer.ts';
import { portalPage } from './portal-page.ts';

type SubscriptionUpdate = Stripe.BillingPortal.Configuration.Features.SubscriptionUpdate;

/** Shows the portal. A form does what its button says, and comes back to the page. */
export function answerPortal(
  world: World,
  session: Stripe.BillingPortal.Session,
  method: string,
  form: Form,
): PageAnswer {
  const configuration = world.store.portal_configurations.require(idOf(session.configuration));
  if (method !== 'POST') return { status: 200, html: portalPage(world, session, configuration, null) };
  try {
    world.act(() => submit(world, session, configuration, form));
    return { location: session.url };
  } catch (error) {
    if (!(error instanceof StripeApiError)) throw error;
    return { status: 200, html: portalPage(world, session, configuration, error.message) };
  }
}

function submit(
  world: World,
  session: Stripe.BillingPortal.Session,
  { features }: Stripe.BillingPortal.Configuration,
  form: Form,
): void {
  const action = fieldOf(form, 'action');
  if (action === 'card') {
    replaceCard(world, session.customer, chosenCard(form));
    return;
  }
  const subscription = world.store.subscriptions.require(fieldOf(form, 'subscription') ?? '', 'subscription');
  if (subscription.customer !== session.customer) throw invalidRequest('This subscription is somebody else’s.');
  switch (action) {
    case 'change':
      changePlan(world, subscription, fieldOf(form, 'price') ?? '', features.subscription_update);
      return;
    case 'cancel':
      if (features.subscription_cancel.mode === 'immediately') {
        endSubscription(world, subscription, 'cancellation_requested');
      } else updateSubscription(world, subscription, cancellationAtPeriodEnd(world, subscription, true));
      return;
    case 'take_back':
      updateSubscription(world, subscription, cancellationAtPeriodEnd(world, subscription, false));
      return;
    default:
      throw invalidRequest('The portal does not know this action.');
  }
}

/**
 * Changes the plan now, and only if it can be paid; or at the period's end, if the configuration
 * says so.
 */
function changePlan(world: World, before: Stripe.Subscription, price_id: string, feature: SubscriptionUpdate): void {
  const price = world.store.prices.require(price_id, 'price');
  const [item] = before.items.data;
  if (item === undefined) throw invalidRequest('This subscription has no item.');
  const is_smaller = (price.unit_amount ?? 0) < (item.price.unit_amount ?? 0);
  const is_shorter = item.price.recurring?.interval === 'year' && price.recurring?.interval !== 'year';
  const waits = feature.schedule_at_period_end.conditions.some(
    ({ type }) => (type === 'decreasing_item_amount' && is_smaller) || (type === 'shortening_interval' && is_shorter),
  );
  if (waits) {
    putOffPrice(world, before, { price, quantity: item.quantity ?? 1 });
    return;
  }
  changeSubscription(world, before, {
    attributes: {},
    items: [{ id: item.id, price: price.id }],
    proration_behavior: proration(feature),
    payment_behavior: 'error_if_incomplete',
  });
}

/** Stripe's types allow behaviours that the fake does not know. */
function proration({ proration_behavior }: SubscriptionUpdate): SubscriptionChange['proration_behavior'] {
  return PRORATION_BEHAVIORS.find((known) => known === proration_behavior) ?? 'none';
}
