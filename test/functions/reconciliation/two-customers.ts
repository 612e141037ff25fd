import { randomUUID } from 'node:crypto';
import type { Card } from '@billing-credits/stripe-fake';
import Stripe from 'stripe';
import * as z from 'zod';
import type { EventQueue } from '../../../functions/event-queue.ts';
import {
  type ReconciliationDeps,
  type RunOutcome,
  runReconciliation,
} from '../../../functions/reconciliation/run-reconciliation.ts';
import type { ReconciliationMessage } from '../../../functions/reconciliation-queue.ts';
import { packPrices } from '../../../shared/config/prices.ts';
import { balanceAt } from '../../../shared/domain/account/balance.ts';
import type { Database } from '../../../shared/store/database.ts';
import { verifyLedger } from '../../../shared/store/verify-ledger.ts';
import { applyStripeEvent, type StripeEventDeps } from '../../../shared/stripe/apply-stripe-event.ts';
import type { Bought } from '../../../shared/stripe/gateway.ts';
import { openStripeLists } from '../../../shared/stripe/stripe-lists.ts';
import config from '../../billing.config.ts';
import { catalog, newAccounts, pace } from '../../engines/engines.ts';
import { type FakeGateway, startFakeGateway } from '../../stripe/fake.ts';
import { workerDeps } from '../../stripe/stripe-account.ts';

const day_ms = 86_400_000;
const pack = packPrices(config).find((price) => price.pack === 'small');

/**
 * One customer of each kind, who do the same at the same time. Of the one Stripe's events arrive,
 * of the other none.
 */
export class TwoCustomers {
  readonly heard = `acct_heard_${randomUUID()}`;
  readonly unheard = `acct_unheard_${randomUUID()}`;
  readonly one: FakeGateway;
  readonly stripe: Stripe;
  readonly deps: StripeEventDeps;
  /** What the reconciliation has handed over and is not applied yet. */
  readonly queued: unknown[] = [];
  readonly #known = new Set<string>();
  readonly #customers = new Map<string, string>();

  private constructor(database: Database, one: FakeGateway) {
    this.one = one;
    this.stripe = new Stripe('sk_test_local', { host: '127.0.0.1', port: one.fake.port, protocol: 'http' });
    const clock = one.clock.now;
    const accounts = newAccounts(database, { clock, deadline_ms: 60_000 });
    this.deps = { ...workerDeps(database, one.stripe), accounts, clock };
  }

  static async open(database: Database): Promise<TwoCustomers> {
    const two = new TwoCustomers(database, await startFakeGateway());
    const product = await two.stripe.products.create({ name: 'Packs' });
    await two.stripe.prices.create({
      product: product.id,
      currency: 'usd',
      unit_amount: pack?.amount ?? 0,
      lookup_key: pack?.lookup_key ?? '',
    });
    for (const account_id of two.both) two.#customers.set(account_id, await two.one.stripe.ensureCustomer(account_id));
    return two;
  }

  get both(): readonly string[] {
    return [this.heard, this.unheard];
  }

  customerOf(account_id: string): string {
    return this.#customers.get(account_id) ?? '';
  }

  /** Both do it, one after the other. */
  async do(act: (account_id: string) => Promise<unknown>): Promise<void> {
    for (const account_id of this.both) await act(account_id);
    await this.#tell();
  }

  async buy(account_id: string, bought: Bought, card: Card = 'success'): Promise<string> {
    const request = { account_id, idempotency_key: randomUUID(), fingerprint: 'f' };
    const { session_id } = await this.one.stripe.createCheckoutSession(request, {
      stripe_customer_id: this.customerOf(account_id),
      bought,
      success_url: 'https://app.example.com/done',
      cancel_url: 'https://app.example.com/back',
    });
    await this.one.fake.paySession(session_id, card);
    return session_id;
  }

  buyPack(account_id: string, quantity = 2, card: Card = 'success'): Promise<string> {
    const { lookup_key = '', credits = 0 } = pack ?? {};
    const sold = { lookup_key, pack: 'small', quantity, credits: credits * quantity };
    return this.buy(account_id, { kind: 'pack', ...sold }, card);
  }

  /** Gives the money of a pack back, in part. */
  async refund(account_id: string, amount: number): Promise<void> {
    const payment_intent = await this.paymentOf(account_id);
    await this.stripe.refunds.create({ payment_intent, amount });
  }

  /** The payment of the pack. */
  async paymentOf(account_id: string): Promise<string> {
    const { data } = await this.stripe.checkout.sessions.list({ customer: this.customerOf(account_id), limit: 100 });
    return z.string().parse(data.find(({ mode }) => mode === 'payment')?.payment_intent);
  }

  async subscriptionOf(account_id: string): Promise<Stripe.Subscription> {
    const { data } = await this.stripe.subscriptions.list({ customer: this.customerOf(account_id), status: 'all' });
    if (data[0] === undefined) throw new Error('has bought a subscription');
    return data[0];
  }

  /** Moves the clock on, doing what falls due on the way; what is heard is heard within a day. */
  async advance(days: number): Promise<void> {
    const end = this.one.clock.at + days * day_ms;
    const { fake, clock } = this.one;
    while (clock.at < end) {
      const stop = Math.min(end, clock.at + day_ms);
      for (let next = fake.nextDueAt(); next !== null && next <= stop; next = fake.nextDueAt()) {
        clock.at = Math.max(next, clock.at);
        await fake.runDue();
      }
      clock.at = stop;
      await this.#tell();
    }
  }

  async #tell(): Promise<void> {
    const events = await this.stripe.events.list({ limit: 100 }).autoPagingToArray({ limit: 10_000 });
    for (const event of events.reverse()) {
      if (this.#known.has(event.id)) continue;
      this.#known.add(event.id);
      if (JSON.stringify(event).includes(this.customerOf(this.heard))) await applyStripeEvent(event, this.deps);
    }
  }

  reconciliationDeps(changes: Partial<ReconciliationDeps> = {}): ReconciliationDeps {
    const access = { read_api_key: async () => 'sk_test_local', api_url: this.one.fake.url, is_production: false };
    const events: EventQueue = { send: async ({ body }) => void this.queued.push(JSON.parse(body)) };
    return { ...this.deps, lists: openStripeLists(access), events, next_call: async () => {}, ...changes };
  }

  run(message: ReconciliationMessage, changes: Partial<ReconciliationDeps> = {}, remaining = () => 300_000) {
    return runReconciliation(this.reconciliationDeps(changes), message, remaining);
  }

  /** One run, whatever it takes, and all that it has handed over. Answers its report. */
  async reconcile(scope: 'due' | 'all' = 'due') {
    const outcome = await this.run({ kind: 'begin', run_id: randomUUID(), scope });
    await this.drain();
    return reportOf(outcome);
  }

  async drain(): Promise<string[]> {
    const outcomes = [];
    for (const event of this.queued.splice(0)) outcomes.push((await applyStripeEvent(event, this.deps)).outcome);
    return outcomes;
  }

  /** What the account has, whatever its ids are. */
  async stateOf(account_id: string) {
    const { account, now } = await this.deps.accounts.read(account_id);
    const { account_id: _, lots, ...balance } = balanceAt(account, catalog, now);
    const {
      stripe_subscription_id: __,
      snapshot_at: ___,
      left: ____,
      item: _____,
      ...subscription
    } = account.subscription ?? {};
    const verified = await verifyLedger(this.deps.database, account_id, pace);
    return {
      ...balance,
      lots: lots.map(({ kind, amount, remaining }) => `${kind} ${remaining}/${amount}`).sort(),
      subscription,
      verified: verified.ok,
    };
  }

  close(): Promise<void> {
    return this.one.close();
  }
}

export function reportOf(outcome: RunOutcome) {
  if (outcome.kind !== 'ended') throw new Error('the run has not ended');
  return outcome.report;
}
