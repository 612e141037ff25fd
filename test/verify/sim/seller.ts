import { closeDispute, openDispute } from '@billing-credits/stripe-fake/in-process';
import type Stripe from 'stripe';
import type { Ground } from './ground.ts';

const hour_ms = 3_600_000;
const day_s = 86_400;

/**
 * The seller in Stripe's Dashboard, and the banks: what happens to customers without their doing. A
 * refusal of Stripe's is no matter.
 */
export class Seller {
  readonly #ground: Ground;

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  /** One thing that is done about an account's customer. */
  async act(account_id: string): Promise<void> {
    const { chance } = this.#ground;
    const kind = chance.random();
    if (kind < 0.25) return this.#refund(account_id);
    if (kind < 0.4) return this.#dispute(account_id);
    const [customer] = this.#customersOf(account_id);
    const [subscription] = subscriptionsOf(this.#ground, account_id);
    if (kind < 0.52 && customer !== undefined) return this.#startTrial(account_id, customer, subscription);
    if (kind < 0.6 && subscription !== undefined) {
      const trial_end = Math.floor(this.#ground.timeline.now / 1_000) + chance.between(1, 40) * day_s;
      return this.#sell('POST', `/v1/subscriptions/${subscription.id}`, { trial_end: String(trial_end) });
    }
    if (kind < 0.8 && subscription !== undefined) return this.#pause(subscription);
    if (kind < 0.94 && subscription !== undefined) return this.#sell('DELETE', `/v1/subscriptions/${subscription.id}`);
    if (kind < 0.97 && customer !== undefined) await this.#sell('DELETE', `/v1/customers/${customer.id}`);
  }

  /** A subscription that costs nothing at first, for a customer who has none. */
  async #startTrial(account_id: string, customer: Stripe.Customer, other?: Stripe.Subscription): Promise<void> {
    if (other !== undefined) return;
    const { chance } = this.#ground;
    await this.#sell('POST', '/v1/subscriptions', {
      customer: customer.id,
      'items[0][price]': anyPrice(this.#ground),
      trial_period_days: String(chance.between(1, 40)),
      'metadata[account_id]': account_id,
    });
  }

  /** For some time: the subscription itself, or what is collected for it. */
  async #pause({ id }: Stripe.Subscription): Promise<void> {
    const { chance, timeline } = this.#ground;
    const is_whole = chance.is(0.7);
    if (is_whole) await this.#sell('POST', `/v1/subscriptions/${id}/pause`);
    else {
      const behavior = chance.oneOf(['keep_as_draft', 'mark_uncollectible', 'void']);
      await this.#sell('POST', `/v1/subscriptions/${id}`, { 'pause_collection[behavior]': behavior });
    }
    void timeline.wait(chance.between(1, 60 * 24) * hour_ms).then(() => this.#resume(id, is_whole));
  }

  async #resume(id: string, is_whole: boolean): Promise<void> {
    const type = this.#ground.chance.oneOf(['now', 'unchanged']);
    if (is_whole) await this.#sell('POST', `/v1/subscriptions/${id}/resume`, { 'billing_cycle_anchor[type]': type });
    else await this.#sell('POST', `/v1/subscriptions/${id}`, { pause_collection: '' });
  }

  async #refund(account_id: string): Promise<void> {
    const charge = this.#oneOfCharges(account_id);
    if (charge === null) return;
    const left = charge.amount - charge.amount_refunded;
    const amount = this.#ground.chance.is(0.5) ? left : this.#ground.chance.between(1, left);
    await this.#sell('POST', '/v1/refunds', { charge: charge.id, amount: String(amount) });
  }

  async #dispute(account_id: string): Promise<void> {
    const { world } = this.#ground.stripe;
    const { chance, timeline } = this.#ground;
    const charge = this.#oneOfCharges(account_id);
    const intent = world.store.payment_intents.list(({ latest_charge }) => latest_charge === charge?.id)[0];
    if (charge === null || intent === undefined) return;
    this.#ground.count('operations');
    const { id } = world.act(() => openDispute(world, intent));
    await timeline.wait(chance.between(1, 20 * 24) * hour_ms);
    world.act(() => closeDispute(world, world.store.disputes.require(id), chance.is(0.5) ? 'won' : 'lost'));
  }

  async #sell(method: string, path: string, params: Record<string, string> = {}): Promise<void> {
    this.#ground.count('operations');
    this.#ground.tell(`the seller: ${method} ${path} ${JSON.stringify(params)}`);
    await this.#ground.stripe.sell(method, path, params);
  }

  /** Of those whose money is still here; null when there is none. */
  #oneOfCharges(account_id: string): Stripe.Charge | null {
    const { store } = this.#ground.stripe.world;
    const customers = new Set(this.#customersOf(account_id).map(({ id }) => id));
    const charges = store.charges.list(
      ({ customer, paid, disputed, amount, amount_refunded }) =>
        typeof customer === 'string' && customers.has(customer) && paid && !disputed && amount_refunded < amount,
    );
    return charges[this.#ground.chance.between(0, Math.max(0, charges.length - 1))] ?? null;
  }

  #customersOf(account_id: string): Stripe.Customer[] {
    return this.#ground.stripe.world.store.customers.list(({ metadata }) => metadata.account_id === account_id);
  }
}

/** Those of the account that have not ended. */
export function subscriptionsOf({ stripe }: Ground, account_id: string): Stripe.Subscription[] {
  return stripe.world.store.subscriptions.list(
    ({ metadata, status }) =>
      metadata.account_id === account_id && status !== 'canceled' && status !== 'incomplete_expired',
  );
}

/** The id of a plan's price. */
export function anyPrice({ stripe, chance }: Ground): string {
  const prices = stripe.world.store.prices.list(({ recurring }) => recurring !== null);
  return prices[chance.between(0, prices.length - 1)]?.id ?? '';
}
