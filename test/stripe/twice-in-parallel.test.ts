import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { balanceAt } from '../../shared/domain/balance.ts';
import type { Database } from '../../shared/store/database.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { applyStripeEvent, type StripeEventParts } from '../../shared/stripe/apply-stripe-event.ts';
import { catalog, describeOnEngines, newAccounts, pace } from '../engines/engines.ts';
import { deductCommand } from '../store/commands.ts';
import { type Lifecycle, type LifecycleName, lifecycles } from './lifecycles.ts';
import { StubStripe, workerParts } from './stripe-account.ts';

const ids = ['u_1', 'cus_1', 'sub_1', 'sub_2', 'pi_1', 'ch_1', 'du_1', 'cs_test_1'];

/** A lifecycle that happens to an account of its own. */
class Happening {
  readonly #run = randomUUID();
  readonly #lifecycle: Lifecycle;
  readonly #database: Database;
  readonly #stripe = new StubStripe();
  readonly account_id: string;

  constructor(database: Database, name: LifecycleName) {
    this.#database = database;
    this.#lifecycle = lifecycles[name]();
    this.account_id = `u_1_${this.#run}`;
    const { subscriptions, payments } = this.#lifecycle.stripe;
    for (const [id, object] of subscriptions) this.#stripe.subscriptions.set(`${id}_${this.#run}`, this.#own(object));
    for (const [id, object] of payments) this.#stripe.payments.set(`${id}_${this.#run}`, this.#own(object));
  }

  get events(): unknown[] {
    return this.#lifecycle.events.map((event) => this.#own({ ...event, id: `${event.id}_${this.#run}` }));
  }

  /** A process of its own, some time after all has happened. */
  worker(): StripeEventParts {
    const clock = () => this.#lifecycle.now;
    const accounts = newAccounts(this.#database, { clock, deadline_ms: 60_000 });
    return { ...workerParts(this.#database, this.#stripe), accounts, clock };
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

  #own(value: unknown): unknown {
    const text = ids.reduce((all, id) => all.replaceAll(`"${id}"`, `"${id}_${this.#run}"`), JSON.stringify(value));
    return JSON.parse(text);
  }
}

const names: LifecycleName[] = Object.keys(lifecycles).filter((name): name is LifecycleName => name in lifecycles);

describeOnEngines('every event twice at once, in two processes', (database) => {
  test.each(names)('%s: one effect', async (name) => {
    const [calm, busy] = [new Happening(database, name), new Happening(database, name)];
    for (const one of [calm, busy]) {
      await one.worker().accounts.transact(one.account_id, deductCommand('free', 30));
    }
    const one = calm.worker();
    for (const event of calm.events) await applyStripeEvent(event, one);

    const workers = [busy.worker(), busy.worker()];
    const handled = await Promise.all(
      busy.events.map((event) => Promise.all(workers.map((worker) => applyStripeEvent(event, worker)))),
    );
    for (const outcomes of handled.map((both) => both.map(({ outcome }) => outcome))) {
      expect(outcomes).not.toContain('quarantined');
      expect(outcomes.filter((outcome) => outcome === 'applied').length).toBeLessThanOrEqual(1);
    }
    expect(await busy.standing()).toEqual(await calm.standing());
  });
});
