import type Stripe from 'stripe';
import { expect } from 'vitest';
import type { LocalCloud } from '../../local/cloud.ts';
import { admin_routes } from '../../shared/api/admin-routes.ts';
import { AccountOverHttp } from '../e2e/account-over-http.ts';
import { type Answer, type Call, Client, freshUser } from '../e2e/client.ts';
import { stripeOf } from '../e2e/dev-system.ts';

/** Begins every text that a caller writes. */
export const own_canary = 'canary_own_';
/** Begins everything that only Stripe is told of a customer. */
export const stripe_canary = 'canary_stripe_';

const own = (what: string) => `${own_canary}${what}`;
const told_to_stripe = {
  email: `${stripe_canary}email@example.com`,
  name: `${stripe_canary}name`,
  phone: `${stripe_canary}phone`,
};

/** Remembers what it was answered by the API, and with which tokens it asked. */
class AttentiveClient extends Client {
  readonly answers: string[] = [];
  readonly tokens = new Set<string>();

  override async call(method: string, path: string, call: Call = {}): Promise<Answer> {
    const answer = await super.call(method, path, call);
    if (call.token !== undefined) this.tokens.add(call.token);
    if (path.startsWith('/api/')) this.answers.push(`${JSON.stringify([...answer.headers])} ${answer.text}`);
    return answer;
  }
}

/** Everything that the functions do, through the doors that they have. */
export class Story {
  readonly #cloud: LocalCloud;
  readonly #client: AttentiveClient;

  constructor(cloud: LocalCloud) {
    this.#cloud = cloud;
    this.#client = new AttentiveClient(cloud);
  }

  /** What the API has answered, with headers. */
  get answers(): readonly string[] {
    return this.#client.answers;
  }

  /** Tokens that were sent. */
  get tokens(): ReadonlySet<string> {
    return this.#client.tokens;
  }

  async tell(): Promise<void> {
    await this.#buy();
    await this.#spend();
    await this.#useFeatures();
    await this.#placeWhatWasSoldElsewhere();
    await this.#askForNonsense();
    await this.#meetFailures();
    await this.#missEvents();
    await this.#client.advance('P1M');
  }

  async #buy(): Promise<void> {
    const token = await this.#client.token(freshUser());
    await this.#client.buy('pro', token);
    const { body } = await this.#client.get('/api/billing/subscription', token);
    await stripeOf(this.#cloud).customers.update(String(body.stripe_customer_id), told_to_stripe);
    await this.#buyPack(token);
  }

  async #buyPack(token: string): Promise<void> {
    const { body } = await this.#client.post('/api/billing/checkout', { pack: 'small' }, token);
    await this.#client.post(`/_local/stripe/sessions/${String(body.session_id)}/pay`, {});
    await this.#client.idle();
  }

  async #spend(): Promise<void> {
    const account = await AccountOverHttp.open(this.#client);
    await account.service(`PUT /members/${own('member')}/cap`, { monthly_credits: 50 });
    const { body } = await account.service('POST /credits/deduct', {
      amount: 5,
      description: own('description'),
      feature: own('feature'),
    });
    const entry_id = String(body.entry_id);
    await account.user(`GET /credits/transactions/${encodeURIComponent(entry_id)}`);
    await account.service('POST /credits/refunds', { entry_id, amount: 2, description: own('description') });
    const items = [{ key: own(own('request')), amount: 1, description: own('description') }];
    await account.service('POST /credits/deduct-batch', { items }, own('batch'));
    expect(await account.verified()).toMatchObject({ ok: true, balance: 96 });
  }

  async #useFeatures(): Promise<void> {
    const account = await AccountOverHttp.open(this.#client);
    for (const _ of ['first', 'again'])
      await account.service('POST /usage', { feature: own('feature') }, own('request'));
    expect((await account.user('GET /usage')).body.totals).toMatchObject([{ count: 1 }]);
  }

  /** Operators replay what was told of a customer whom nobody knew then. */
  async #placeWhatWasSoldElsewhere(): Promise<void> {
    const client = this.#client;
    const service = await client.serviceToken();
    const stripe = stripeOf(this.#cloud);
    const { id: customer } = await stripe.customers.create(told_to_stripe);
    const { data: prices } = await stripe.prices.list({ lookup_keys: ['pro_month', 'pack_small'] });
    expect(prices).toHaveLength(2);
    for (const price of prices) await this.#sellElsewhere(customer, price);
    const told = await stripe.events.list({ type: 'checkout.session.completed', limit: 100 });
    expect(JSON.stringify(told)).toContain(told_to_stripe.email);
    const { body } = await client.get('/api/admin/stripe-events?outcome=quarantined&limit=100', service);
    const [subscription] = (await stripe.subscriptions.list({ customer })).data;
    const account_id = freshUser();
    await stripe.subscriptions.update(subscription?.id ?? '', { metadata: { account_id } });
    await client.idle();
    for (const { event_id } of admin_routes.stripe_events.answer.parse(body).data) {
      await client.post(`/api/admin/stripe-events/${event_id}/replay`, {}, service);
    }
    const token = await client.token(account_id);
    expect((await client.get('/api/credits', token)).body).toMatchObject({ plan: 'pro', available_credits: 1_000 });
  }

  /** A plan, or a pack whose payment is disputed: of a dispute the function has to ask Stripe. */
  async #sellElsewhere(customer: string, { id: price, recurring }: Stripe.Price): Promise<void> {
    const { sessions } = stripeOf(this.#cloud).checkout;
    const metadata = { pack: 'small', quantity: 1, credits: 500 };
    const sold = { customer, line_items: [{ price, quantity: 1 }], success_url: 'https://app.example.com' };
    const { id } = await sessions.create(
      recurring === null
        ? { ...sold, mode: 'payment', metadata, payment_intent_data: { metadata } }
        : { ...sold, mode: 'subscription' },
    );
    await this.#client.post(`/_local/stripe/sessions/${id}/pay`, {});
    const { payment_intent } = await sessions.retrieve(id);
    if (payment_intent !== null) await this.#client.post('/_local/stripe/disputes', { payment_intent });
    await this.#client.idle();
  }

  /** Whatever a caller writes where it does not belong. */
  async #askForNonsense(): Promise<void> {
    const client = this.#client;
    const token = await client.token(freshUser());
    const service = await client.serviceToken();
    const deduct = `/api/accounts/${freshUser()}/credits/deduct`;
    const answers = [
      await client.post(deduct, { amount: own('amount'), [own('field')]: 1 }, service),
      await client.call('POST', deduct, { token: service, raw_body: `{"${own('json')}` }),
      await client.get(`/api/credits/transactions/${own('entry')}`, token),
      await client.get(`/api/credits/transactions?cursor=${own('cursor')}`, token),
      await client.get('/api/credits', own('token')),
      await client.call('POST', '/api/webhooks/stripe', {
        raw_body: JSON.stringify(told_to_stripe),
        headers: { 'stripe-signature': `t=1,v1=${own('signature')}` },
      }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 404, 400, 401, 400]);
  }

  async #meetFailures(): Promise<void> {
    const token = await this.#client.token(freshUser());
    await this.#client.post('/_local/stripe/faults', { fail: 100 });
    const { status } = await this.#client.post('/api/billing/checkout', { plan: 'pro' }, token);
    expect(status).toBe(502);
    await this.#client.post('/_local/stripe/faults', {});
  }

  /**
   * A pack is bought while no event comes, and found by the objects after Stripe lists its events
   * no more.
   */
  async #missEvents(): Promise<void> {
    const token = await this.#client.token(freshUser());
    await this.#client.post('/_local/stripe/faults', { drop_for: 'P40D' });
    await this.#buyPack(token);
    await this.#client.advance('P39D');
    const service = await this.#client.serviceToken();
    await this.#client.post('/api/admin/reconcile', {}, service, { 'idempotency-key': own('reconciliation') });
    await this.#client.idle();
    await this.#client.post('/_local/stripe/faults', {});
  }
}
