import Stripe from 'stripe';
import { type FakeStripe, type FakeStripeOptions, startFakeStripe } from '../src/fake-stripe.ts';
import { ManualClock } from '../src/manual-clock.ts';
import { seededRandom } from '../src/seeded-random.ts';
import { startWebhookReceiver, WEBHOOK_SECRET, type WebhookReceiver } from './webhook-receiver.ts';

export interface Stage {
  clock: ManualClock;
  fake: FakeStripe;
  stripe: Stripe;
  hook: WebhookReceiver;
  /** Moves the clock to a moment, doing what falls due on the way, as the local cloud does. */
  advanceTo(moment: string): Promise<void>;
  /** A paid pro subscription. */
  subscribe(price?: string): Promise<{ session: Stripe.Checkout.Session; subscription: Stripe.Subscription }>;
  close(): Promise<void>;
}

export const SEED: FakeStripeOptions['seed'] = {
  products: [
    {
      id: 'prod_pro',
      name: 'Pro',
      metadata: { plan: 'pro' },
      prices: [
        { lookup_key: 'pro_month', unit_amount: 2000, currency: 'usd', interval: 'month' },
        { lookup_key: 'pro_year', unit_amount: 20000, currency: 'usd', interval: 'year' },
      ],
    },
    {
      id: 'prod_pro_plus',
      name: 'Pro Plus',
      metadata: { plan: 'pro_plus' },
      prices: [{ lookup_key: 'pro_plus_month', unit_amount: 5000, currency: 'usd', interval: 'month' }],
    },
    {
      id: 'prod_pack',
      name: '500 credits',
      metadata: { pack: 'small' },
      prices: [{ lookup_key: 'pack_small', unit_amount: 900, currency: 'usd', interval: null }],
    },
  ],
  portal: {
    features: {
      customer_update: { enabled: true, allowed_updates: ['address', 'email', 'name', 'tax_id'] },
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: { enabled: true, mode: 'at_period_end', proration_behavior: 'none' },
      subscription_update: {
        enabled: true,
        default_allowed_updates: ['price'],
        proration_behavior: 'always_invoice',
        products: [
          { product: 'prod_pro', prices: ['price_pro_month', 'price_pro_year'] },
          { product: 'prod_pro_plus', prices: ['price_pro_plus_month'] },
        ],
        schedule_at_period_end: {
          conditions: [{ type: 'decreasing_item_amount' }, { type: 'shortening_interval' }],
        },
        trial_update_behavior: 'end_trial',
      },
    },
  },
};

/**
 * The fake with a receiver of its webhooks and the real SDK (which does not retry, so tests see
 * every answer).
 */
export async function setStage(start: string, options: Partial<FakeStripeOptions> = {}): Promise<Stage> {
  const clock = new ManualClock(start);
  const hook = await startWebhookReceiver(clock);
  const fake = await startFakeStripe({
    clock,
    port: 0,
    seed: SEED,
    webhook: { url: hook.url, secret: WEBHOOK_SECRET },
    random: seededRandom(1),
    ...options,
  });
  const stripe = new Stripe('sk_test_local', {
    host: '127.0.0.1',
    port: fake.port,
    protocol: 'http',
    maxNetworkRetries: 0,
  });
  const stage: Stage = {
    clock,
    fake,
    stripe,
    hook,
    async advanceTo(moment) {
      const end = Date.parse(moment);
      await fake.settled();
      for (let next = fake.nextDueAt(); next !== null && next <= end; next = fake.nextDueAt()) {
        clock.set(Math.max(next, clock.now()));
        await fake.runDue();
        await fake.settled();
      }
      clock.set(end);
    },
    async subscribe(price = 'price_pro_month') {
      const customer = await stripe.customers.create({ email: 'ada@example.com', metadata: { account_id: 'u_1' } });
      const open = await stripe.checkout.sessions.create({
        mode: 'subscription',
        customer: customer.id,
        line_items: [{ price, quantity: 1 }],
        success_url: 'https://app.example.com/done?session={CHECKOUT_SESSION_ID}',
        cancel_url: 'https://app.example.com/cancelled',
        client_reference_id: 'u_1',
        subscription_data: { metadata: { account_id: 'u_1' } },
      });
      await fake.paySession(open.id, 'success');
      await fake.settled();
      const session = await stripe.checkout.sessions.retrieve(open.id);
      const subscription = await stripe.subscriptions.retrieve(idOf(session.subscription));
      return { session, subscription };
    },
    async close() {
      await fake.close();
      await hook.close();
    },
  };
  return stage;
}

/** The id of a reference that must be there. */
export function idOf(reference: string | { id: string } | null | undefined): string {
  if (!reference) throw new Error('There is no reference here.');
  return typeof reference === 'string' ? reference : reference.id;
}
