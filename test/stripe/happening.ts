import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import type { Database } from '../../shared/store/database.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import type { StripeEventDeps } from '../../shared/stripe/apply-stripe-event.ts';
import { catalog, newAccounts, pace } from '../engines/engines.ts';
import { type Fault, faultyDatabase } from '../store/faulty-database.ts';
import { type Lifecycle, type LifecycleName, lifecycles } from './lifecycles.ts';
import { StubStripe, workerDeps } from './stripe-account.ts';

const ids = ['u_1', 'cus_1', 'sub_1', 'sub_2', 'pi_1', 'ch_1', 'du_1', 'cs_test_1'];

/** A lifecycle that happens to an account of its own. */
export class Happening {
  readonly #run = randomUUID();
  readonly #lifecycle: Lifecycle;
  readonly #database: Database;
  readonly #stripe = new StubStripe();
  readonly account_id: string;

  constructor(database: Database, name: LifecycleName) {
    this.#database = database;
    this.#lifecycle = lifecycles[name]();
    this.account_id = `u_1_${this.#run}`;
    const { subscriptions, payments, refunds } = this.#lifecycle.stripe;
    for (const [id, object] of subscriptions) this.#stripe.subscriptions.set(`${id}_${this.#run}`, this.#own(object));
    for (const [id, object] of payments) this.#stripe.payments.set(`${id}_${this.#run}`, this.#own(object));
    for (const [id, list] of refunds)
      this.#stripe.refunds.set(
        `${id}_${this.#run}`,
        list.map((one) => this.#own(one)),
      );
  }

  get events(): unknown[] {
    return this.#lifecycle.events.map((event) => this.#own({ ...event, id: `${event.id}_${this.#run}` }));
  }

  /** A process of its own, some time after all has happened. */
  worker(): StripeEventDeps {
    return this.#workerOn(this.#database, this.#stripe);
  }

  /**
   * One that is killed after so many calls, to the database or to Stripe: the last takes effect,
   * and nobody hears of it.
   */
  mortalWorker(calls: number, death: Error): StripeEventDeps {
    let left = calls;
    const next = (): Fault => {
      left -= 1;
      if (left > 0) return null;
      return left === 0 ? { after: death } : { before: death };
    };
    return this.#workerOn(faultyDatabase(this.#database, next), faultyStripe(this.#stripe, next));
  }

  async standing() {
    const { accounts } = this.worker();
    const { account, now } = await accounts.read(this.account_id);
    expect(await verifyLedger(this.#database, this.account_id, pace)).toMatchObject({ ok: true, problems: [] });
    const { account_id: _, lots, ...balance } = balanceAt(account, catalog, now);
    const { plan, status, interval, current_period_end, cancel_at_period_end, paid } = account.subscription ?? {};
    return {
      balance,
      lots: lots.map(({ kind, amount, remaining }) => `${kind} ${remaining}/${amount}`).sort(),
      subscription: { plan, status, interval, current_period_end, cancel_at_period_end, paid },
      former_customers: account.former_customers.length,
    };
  }

  #workerOn(database: Database, stripe: StripeEventDeps['stripe']): StripeEventDeps {
    const clock = () => this.#lifecycle.now;
    const accounts = newAccounts(database, { clock, deadline_ms: 60_000 });
    return { ...workerDeps(database, stripe), accounts, clock };
  }

  #own(value: unknown): unknown {
    const text = ids.reduce((all, id) => all.replaceAll(`"${id}"`, `"${id}_${this.#run}"`), JSON.stringify(value));
    return JSON.parse(text);
  }
}

/** The same Stripe, through calls that fail as it is said. */
function faultyStripe(stripe: StubStripe, next: () => Fault): StripeEventDeps['stripe'] {
  async function pass<T>(ask: () => Promise<T>): Promise<T> {
    const fault = next();
    if (fault !== null && 'before' in fault) throw fault.before;
    const answer = await ask();
    if (fault !== null) throw fault.after;
    return answer;
  }
  return {
    fetchSubscription: (id) => pass(() => stripe.fetchSubscription(id)),
    fetchSubscriptionsOf: (customer) => pass(() => stripe.fetchSubscriptionsOf(customer)),
    fetchInvoiceLines: (id) => pass(() => stripe.fetchInvoiceLines(id)),
    fetchPaymentIntent: (id) => pass(() => stripe.fetchPaymentIntent(id)),
    fetchRefundsOf: (payment_intent) => pass(() => stripe.fetchRefundsOf(payment_intent)),
  };
}

export const lifecycle_names: LifecycleName[] = Object.keys(lifecycles).filter(
  (name): name is LifecycleName => name in lifecycles,
);
