import { expect } from 'vitest';
import type { Account } from '../../shared/domain/account/account.ts';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { balanceOf, burnOrder } from '../../shared/domain/ledger/lot.ts';
import { verification_start, verifyEntry, verifyHead } from '../../shared/domain/ledger/verify.ts';
import { periodStart } from '../../shared/domain/period.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { fromEntryItem } from '../../shared/store/entry-item.ts';
import { applyStripeEvent } from '../../shared/stripe/apply-stripe-event.ts';
import { catalog, newAccounts } from '../engines/engines.ts';
import { deductCommand } from '../store/commands.ts';
import type { Lifecycle } from './lifecycles.ts';
import { MemoryDatabase } from './memory-database.ts';
import { workerDeps } from './stripe-account.ts';
import { bought_s } from './stripe-objects.ts';

/** One worker with a database in memory that hears a lifecycle's events, in any order. */
export class Listener {
  readonly #database = new MemoryDatabase();
  readonly #lifecycle: Lifecycle;
  readonly #hears_in_time: boolean;
  #now = bought_s * 1_000 - 3 * day_ms;
  readonly #clock = () => this.#now;
  readonly #accounts = newAccounts(this.#database, { clock: this.#clock });
  readonly #deps: ReturnType<typeof workerDeps>;

  private constructor(lifecycle: Lifecycle, hears_in_time: boolean) {
    this.#lifecycle = lifecycle;
    this.#hears_in_time = hears_in_time;
    const { stripe } = lifecycle;
    const deps = workerDeps(this.#database, stripe);
    this.#deps = { ...deps, accounts: this.#accounts, clock: this.#clock };
  }

  /** To the news of an account that was free for some days, and used some of it. */
  static async to(lifecycle: Lifecycle, { in_time = false } = {}): Promise<Listener> {
    const listener = new Listener(lifecycle, in_time);
    await listener.#accounts.transact('u_1', deductCommand('free', 30));
    if (!in_time) listener.#now = lifecycle.now;
    return listener;
  }

  get state() {
    return this.#database.state;
  }

  set state(state: MemoryDatabase['state']) {
    this.#database.state = state;
  }

  /**
   * The event of this number, at the moment at which all has happened or, if it is told so, as it
   * happens.
   */
  async hear(n: number): Promise<void> {
    const event = this.#lifecycle.events[n];
    if (event === undefined) throw new Error(`the lifecycle has no event ${n}`);
    if (this.#hears_in_time) this.#now = Math.max(this.#now, event.created * 1_000);
    const { outcome } = await applyStripeEvent(event, this.#deps);
    if (outcome === 'quarantined') throw new Error(`event ${n} was quarantined`);
  }

  /** Everything but numbers and times that only say in which order it was heard. */
  async standing() {
    const { account, now } = await this.#accounts.read('u_1');
    this.#verify(account);
    const { account_id: _, lots: __, ...balance } = balanceAt(account, catalog, now);
    const { anchor_at, index, uncharged_use } = account.period;
    const {
      snapshot_at: _at,
      left: _left,
      gone_back_from: _from,
      former: _former,
      ...subscription
    } = account.subscription ?? {};
    return {
      ...balance,
      period: { start: periodStart(anchor_at, index), uncharged_use },
      lots: account.lots.toSorted(burnOrder).map(({ id: _id, created_at: _created_at, ...lot }) => lot),
      subscription,
      stripe_customer_id: account.stripe_customer_id,
      payments: this.#database.rowsOf('account_parts'),
    };
  }

  #verify(account: Account): void {
    const entries = this.#database.rowsOf('ledger').map(fromEntryItem);
    const verification = entries.toSorted((a, b) => a.seq - b.seq).reduce(verifyEntry, verification_start);
    const stored = this.#database.rowsOf('accounts')[0];
    if (stored?.seq !== account.seq) return;
    expect(verifyHead(verification, { ...account, balance: balanceOf(account.lots) })).toEqual([]);
  }
}

export type Standing = Awaited<ReturnType<Listener['standing']>>;
