import type Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, startCloud } from '../../local/cloud/cloud.ts';
import { missingEngine } from '../../local/cloud/database.ts';
import { admin_routes } from '../../shared/api/admin-routes.ts';
import { AccountOverHttp } from '../e2e/account-over-http.ts';
import { Client, freshUser } from '../e2e/client.ts';
import { stripeOf } from '../e2e/dev-system.ts';
import { permissionsOf } from '../infra/permissions.ts';
import { GIVEN_ISSUER, SynthesizedStack } from '../infra/synthesized-stack.ts';
import { AwsCalls } from './aws-calls.ts';

/*
 * The bundles make their calls to AWS through a tap that notes which function needed which permission. What its role does not
 * allow would fail on AWS only; what it never needs should not be allowed.
 */

const is_missing = missingEngine('dynoxide') !== null && missingEngine('dynamodb-local') !== null;
const stack = new SynthesizedStack(GIVEN_ISSUER);

/** What Lambda itself does in a function's name: write its log, poll its queue, keep what was missed. */
const LAMBDAS_OWN = [
  /^logs:(CreateLogStream|PutLogEvents) /,
  /^sqs:(ChangeMessageVisibility|DeleteMessage|GetQueueAttributes|GetQueueUrl|ReceiveMessage) /,
  /^sqs:SendMessage \w+Missed$/,
];

/** Only a function whose time runs out hands the rest of its work on: see sweep.test.ts and reconciliation.test.ts. */
const OUT_OF_TIME: Record<string, string> = {
  SweepWorker: 'sqs:SendMessage SweepResetsQueue',
  ReconciliationWorker: 'sqs:SendMessage ReconciliationRunsQueue',
};

/** Everything that the functions do, through the doors that they have. */
class Story {
  readonly #cloud: Cloud;
  readonly #client: Client;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#client = new Client(cloud);
  }

  async tell(): Promise<void> {
    await this.#buy();
    await this.#spend();
    await this.#useFeatures();
    await this.#placeWhatWasSoldElsewhere();
    await this.#missEvents();
    await this.#client.advance('P1M');
  }

  async #buy(): Promise<void> {
    const token = await this.#client.token(freshUser());
    await this.#client.buy('pro', token);
    await this.#buyPack(token);
  }

  async #buyPack(token: string): Promise<void> {
    const { body } = await this.#client.post('/api/billing/checkout', { pack: 'small' }, token);
    await this.#client.post(`/_local/stripe/sessions/${String(body.session_id)}/pay`, {});
    await this.#client.idle();
  }

  async #spend(): Promise<void> {
    const account = await AccountOverHttp.open(this.#client);
    await account.service('PUT /members/ann/cap', { monthly_credits: 50 });
    const { body } = await account.user('POST /credits/deduct', { amount: 5, description: 'x', feature: 'analytics' });
    const entry_id = String(body.entry_id);
    await account.user(`GET /credits/transactions/${encodeURIComponent(entry_id)}`);
    await account.service('POST /credits/refunds', { entry_id, amount: 2, description: 'x' });
    const items = [{ key: 'a', amount: 1, description: 'x' }];
    await account.service('POST /credits/deduct-batch', { items }, 'batch');
    expect(await account.verified()).toMatchObject({ ok: true, balance: 96 });
  }

  async #useFeatures(): Promise<void> {
    const account = await AccountOverHttp.open(this.#client);
    for (const _ of ['first', 'again']) await account.user('POST /usage', { feature: 'analytics' }, 'key');
    expect((await account.user('GET /usage')).body.totals).toMatchObject([{ count: 1 }]);
  }

  /** Operators replay what was told of a customer whom nobody knew then. */
  async #placeWhatWasSoldElsewhere(): Promise<void> {
    const client = this.#client;
    const service = await client.serviceToken();
    const stripe = stripeOf(this.#cloud);
    const { id: customer } = await stripe.customers.create({});
    const { data: prices } = await stripe.prices.list({ lookup_keys: ['pro_month', 'pack_small'] });
    expect(prices).toHaveLength(2);
    for (const price of prices) await this.#sellElsewhere(customer, price);
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

  /** A pack is bought while no event comes, and found by the objects after Stripe lists its events no more. */
  async #missEvents(): Promise<void> {
    const token = await this.#client.token(freshUser());
    await this.#client.post('/_local/stripe/faults', { drop_for: 'P40D' });
    await this.#buyPack(token);
    await this.#client.advance('P39D');
    const service = await this.#client.serviceToken();
    await this.#client.post('/api/admin/reconcile', {}, service, { 'idempotency-key': 'k' });
    await this.#client.idle();
    await this.#client.post('/_local/stripe/faults', {});
  }
}

describe.skipIf(is_missing)(
  'in a run of the whole system, a function needs what its role allows, and nothing else',
  () => {
    const calls = new AwsCalls();
    const warnings: string[] = [];
    let cloud: Cloud;

    beforeAll(async () => {
      cloud = await startCloud({
        port: 0,
        stripe_port: 0,
        database: 'dynoxide',
        stripe: null,
        warn: (line) => void warnings.push(line),
        reach: (endpoint) => calls.reach(endpoint),
      });
      await new Story(cloud).tell();
    });

    afterAll(async () => {
      await cloud.close();
      await calls.close();
    });

    test.each(stack.names('AWS::Lambda::Function'))('%s', (name) => {
      const allowed = permissionsOf(stack, `${name}Role`)
        .filter((permission) => !LAMBDAS_OWN.some((own) => own.test(permission)))
        .filter((permission) => permission !== OUT_OF_TIME[name]);
      expect(calls.of(name).sort()).toEqual(allowed.sort());
    });

    test('and none of them failed', () => {
      expect(warnings).toEqual([]);
    });
  },
);
