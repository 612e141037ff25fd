import * as z from 'zod';
import type { Ground } from './ground.ts';
import { requestEvent } from './requests.ts';
import { anyPrice, type Seller, subscriptionsOf } from './seller.ts';

const hour_ms = 3_600_000;

/** Somebody, on whose account. */
export interface Person {
  readonly account_id: string;
  readonly member: string;
}

/** Those who buy, change their minds, and want their money back from the seller. */
export class Buyers {
  readonly #ground: Ground;
  readonly #seller: Seller;

  constructor(ground: Ground, seller: Seller) {
    this.#ground = ground;
    this.#seller = seller;
  }

  /** One thing that somebody does about money, or the seller for them. `key` is fresh. */
  async act(person: Person, key: string): Promise<void> {
    const { chance } = this.#ground;
    const kind = chance.random();
    if (kind < 0.3) return this.#buy(person, key, this.#plan());
    if (kind < 0.45)
      return this.#buy(person, key, { pack: chance.oneOf(['small', 'large']), quantity: chance.between(1, 3) });
    if (kind < 0.7) return this.#visitPortal(person, key);
    await this.#seller.act(person.account_id);
  }

  #plan(): object {
    const { chance } = this.#ground;
    const plan = chance.oneOf(['pro', 'pro', 'pro_plus', 'ultimate']);
    return { plan, interval: chance.is(0.8) ? 'month' : 'year' };
  }

  async #buy(person: Person, key: string, body: object): Promise<void> {
    const { chance, timeline } = this.#ground;
    const url = await this.#urlOf(person, key, 'checkout', body);
    if (url === null || chance.is(0.1)) return;
    await timeline.wait(chance.is(0.8) ? chance.between(1, 60_000) : chance.between(1, 30) * hour_ms);
    this.#ground.tell(`${person.account_id} pays ${JSON.stringify(body)}`);
    await this.#browse(url, { card: this.#card(), email: 'buyer@example.com' });
  }

  async #visitPortal(person: Person, key: string): Promise<void> {
    const { chance } = this.#ground;
    const url = await this.#urlOf(person, key, 'portal', {});
    const [subscription] = subscriptionsOf(this.#ground, person.account_id);
    if (url === null) return;
    const action = chance.oneOf(['change', 'change', 'cancel', 'take_back', 'card']);
    const price = anyPrice(this.#ground);
    this.#ground.tell(`${person.account_id} in the portal: ${action} ${action === 'change' ? price : ''}`);
    await this.#browse(url, { action, price, card: this.#card(), subscription: subscription?.id ?? '' });
  }

  async #browse(url: string, form: Record<string, string>): Promise<void> {
    this.#ground.count('operations');
    await this.#ground.stripe.browse(url, form);
  }

  #card(): string {
    const { chance } = this.#ground;
    if (chance.is(0.7)) return 'success';
    return chance.oneOf(['refund_failure', 'refund_failure', 'decline', 'authenticate', 'delayed', 'delayed_failure']);
  }

  /** The page to go to; null after a refusal, or when nobody answers. */
  async #urlOf(
    { account_id, member }: Person,
    key: string,
    what: 'checkout' | 'portal',
    body: object,
  ): Promise<string | null> {
    const { chance, timeline, config } = this.#ground;
    const told = {
      headers: { 'idempotency-key': key },
      claims: { sub: member, [config.accounts.claim]: account_id },
    };
    const request = requestEvent(`POST /api/billing/${what}`, JSON.stringify(body), told);
    for (let tries = 0; tries < 4; tries += 1) {
      const answer = await this.#ground.request('checkout', request, (late) => this.#ground.checkNoFailure(what, late));
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
