import type Stripe from 'stripe';
import * as z from 'zod';
import { closeDispute, openDispute } from '../../local/stripe/objects/disputes.ts';
import type { Ground } from './ground.ts';
import { requestEvent } from './requests.ts';

const hour_ms = 3_600_000;

/** Those who buy, change their minds, and want their money back; and the seller who answers them in Stripe's Dashboard. */
export class Buyers {
  requests = 0;
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** One thing that somebody does about money. `key` is fresh. */
  async act(account_id: string, key: string): Promise<void> {
    const { chance } = this.#ground;
    const kind = chance.random();
    if (kind < 0.3) return this.#buy(account_id, key, this.#plan());
    if (kind < 0.45)
      return this.#buy(account_id, key, { pack: chance.oneOf(['small', 'large']), quantity: chance.between(1, 3) });
    if (kind < 0.7) return this.#visitPortal(account_id, key);
    if (kind < 0.8) return this.#refund(account_id);
    if (kind < 0.87) return this.#dispute(account_id);
    const [subscription] = this.#subscriptionsOf(account_id);
    if (kind < 0.94 && subscription !== undefined) {
      return this.#ground.stripe.sell('DELETE', `/v1/subscriptions/${subscription.id}`);
    }
    if (kind < 0.96) {
      const [customer] = this.#ground.stripe.world.store.customers.list(
        ({ metadata }) => metadata.account_id === account_id,
      );
      if (customer !== undefined) await this.#ground.stripe.sell('DELETE', `/v1/customers/${customer.id}`);
    }
  }

  #plan(): object {
    const { chance } = this.#ground;
    const plan = chance.oneOf(['pro', 'pro', 'pro_plus', 'ultimate']);
    return { plan, interval: chance.is(0.8) ? 'month' : 'year' };
  }

  async #buy(account_id: string, key: string, body: object): Promise<void> {
    const { chance, timeline, stripe } = this.#ground;
    const url = await this.#urlOf(account_id, key, 'checkout', body);
    if (url === null || chance.is(0.1)) return;
    await timeline.wait(chance.is(0.8) ? chance.between(1, 60_000) : chance.between(1, 30) * hour_ms);
    this.#ground.tell(`${account_id} pays ${JSON.stringify(body)}`);
    await stripe.browse(url, { card: this.#card(), email: 'buyer@example.com' });
  }

  async #visitPortal(account_id: string, key: string): Promise<void> {
    const { chance, stripe } = this.#ground;
    const url = await this.#urlOf(account_id, key, 'portal', {});
    const [subscription] = this.#subscriptionsOf(account_id);
    if (url === null) return;
    const action = chance.oneOf(['change', 'change', 'cancel', 'take_back', 'card']);
    const prices = stripe.world.store.prices.list(({ recurring }) => recurring !== null);
    const price = prices[chance.between(0, prices.length - 1)]?.id ?? '';
    this.#ground.tell(`${account_id} in the portal: ${action} ${action === 'change' ? price : ''}`);
    await stripe.browse(url, { action, price, card: this.#card(), subscription: subscription?.id ?? '' });
  }

  #card(): string {
    const { chance } = this.#ground;
    return chance.is(0.75) ? 'success' : chance.oneOf(['decline', 'authenticate', 'delayed', 'delayed_failure']);
  }

  async #refund(account_id: string): Promise<void> {
    const charge = this.#oneOfCharges(account_id);
    if (charge === null) return;
    const left = charge.amount - charge.amount_refunded;
    const amount = this.#ground.chance.is(0.5) ? left : this.#ground.chance.between(1, left);
    this.#ground.tell(`${amount} of ${charge.amount} go back to ${account_id}`);
    await this.#ground.stripe.sell('POST', '/v1/refunds', { charge: charge.id, amount: String(amount) });
  }

  async #dispute(account_id: string): Promise<void> {
    const { world } = this.#ground.stripe;
    const { chance, timeline } = this.#ground;
    const charge = this.#oneOfCharges(account_id);
    const intent = world.store.payment_intents.list(({ latest_charge }) => latest_charge === charge?.id)[0];
    if (charge === null || intent === undefined) return;
    const { id } = world.act(() => openDispute(world, intent));
    await timeline.wait(chance.between(1, 20 * 24) * hour_ms);
    world.act(() => closeDispute(world, world.store.disputes.require(id), chance.is(0.5) ? 'won' : 'lost'));
  }

  /** Of those whose money is still here; null when there is none. */
  #oneOfCharges(account_id: string): Stripe.Charge | null {
    const { store } = this.#ground.stripe.world;
    const customers = new Set(
      store.customers.list(({ metadata }) => metadata.account_id === account_id).map(({ id }) => id),
    );
    const charges = store.charges.list(
      ({ customer, paid, disputed, amount, amount_refunded }) =>
        typeof customer === 'string' && customers.has(customer) && paid && !disputed && amount_refunded < amount,
    );
    return charges[this.#ground.chance.between(0, Math.max(0, charges.length - 1))] ?? null;
  }

  #subscriptionsOf(account_id: string): Stripe.Subscription[] {
    return this.#ground.stripe.world.store.subscriptions.list(
      ({ metadata, status }) =>
        metadata.account_id === account_id && status !== 'canceled' && status !== 'incomplete_expired',
    );
  }

  /** The page to go to; null after a refusal, or when nobody answers. */
  async #urlOf(account_id: string, key: string, what: 'checkout' | 'portal', body: object): Promise<string | null> {
    const { chance, timeline } = this.#ground;
    const told = { headers: { 'idempotency-key': key }, claims: { sub: account_id } };
    const request = requestEvent(`POST /api/billing/${what}`, JSON.stringify(body), told);
    for (let tries = 0; tries < 4; tries += 1) {
      this.requests += 1;
      const answer = await this.#ground.ask('checkout', request, (late) => this.#ground.checkNoFailure(what, late));
      if (answer?.status === 201) return urlIn(answer.body);
      if (answer !== null && answer.status < 500) return null;
      await timeline.wait(chance.between(1, 3_000));
    }
    return null;
  }
}

const url_fields = z.union([
  z.object({ checkout_url: z.string() }).transform(({ checkout_url }) => checkout_url),
  z.object({ portal_url: z.string() }).transform(({ portal_url }) => portal_url),
]);

function urlIn(body: string): string {
  return url_fields.parse(JSON.parse(body));
}
