import type Stripe from 'stripe';
import { listOf } from '../api/lists.ts';
import type { CheckoutOrder } from '../store.ts';
import type { World } from '../world.ts';

export interface CheckoutDetails {
  mode: 'payment' | 'subscription';
  customer: string | null;
  customer_creation: 'always' | 'if_required' | null;
  customer_email: string | null;
  client_reference_id: string | null;
  metadata: Stripe.Metadata;
  success_url: string;
  cancel_url: string | null;
  /** Epoch seconds. */
  expires_at: number;
  allow_promotion_codes: boolean | null;
  billing_address_collection: 'auto' | 'required' | null;
  locale: string | null;
  payment_method_collection: 'always' | 'if_required' | null;
  submit_type: string | null;
  line_items: Stripe.LineItem[];
  order: CheckoutOrder;
}

/** An open session with a page of its own (`ui_mode: hosted_page`). */
export function createSession(world: World, details: CheckoutDetails): Stripe.Checkout.Session {
  const { line_items, mode, order, ...known } = details;
  const id = world.id('cs_test_', 58);
  const has_trial = order.trial_end !== null || order.trial_period_days !== null;
  const amount = has_trial ? 0 : line_items.reduce((sum, line) => sum + line.amount_total, 0);
  world.store.line_items.set(id, line_items);
  world.store.checkout_orders.set(id, order);
  world.agenda.set('checkout_session.expire', id, details.expires_at * 1000);
  return world.store.checkout_sessions.put({
    ...known,
    id,
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allowed_payment_method_types: null,
    amount_subtotal: amount,
    amount_total: amount,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: world.seconds(),
    currency: line_items[0]?.currency ?? null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer_account: null,
    customer_details: null,
    discounts: [],
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    managed_payments: null,
    mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card', 'us_bank_account'],
    payment_status: 'unpaid',
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    subscription: null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: 'hosted_page',
    url: `${world.url}/c/pay/${id}`,
    wallet_options: null,
  });
}

export function buildLineItem(
  world: World,
  price: Stripe.Price,
  quantity: number,
  description: string,
): Stripe.LineItem {
  const amount = (price.unit_amount ?? 0) * quantity;
  return {
    id: world.id('li_1'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency: price.currency,
    description,
    metadata: {},
    price,
    quantity,
  };
}

export function completeSession(
  world: World,
  open: Stripe.Checkout.Session,
  outcome: Partial<Stripe.Checkout.Session>,
): Stripe.Checkout.Session {
  const session = world.store.checkout_sessions.put({ ...open, ...outcome, status: 'complete', url: null });
  world.agenda.clear('checkout_session.expire', session.id);
  world.emit({ type: 'checkout.session.completed', data: { object: session } });
  return session;
}

export function expireSession(world: World, open: Stripe.Checkout.Session): Stripe.Checkout.Session {
  const session = world.store.checkout_sessions.put({ ...open, status: 'expired', url: null });
  world.agenda.clear('checkout_session.expire', session.id);
  world.emit({ type: 'checkout.session.expired', data: { object: session } });
  return session;
}

/** Fields that `expand` may add to a session. */
export function lineItemsOf(world: World, id: string): Stripe.ApiList<Stripe.LineItem> {
  return listOf(world.store.line_items.get(id) ?? [], `/v1/checkout/sessions/${id}/line_items`);
}

/** Where a customer goes after paying. */
export function successUrlOf(session: Stripe.Checkout.Session): string {
  return (session.success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}
