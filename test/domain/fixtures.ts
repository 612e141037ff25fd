import type { Account } from '../../shared/domain/account.ts';
import { newAccount } from '../../shared/domain/account.ts';
import { decideDeduct } from '../../shared/domain/decide-deduct.ts';
import { decideSubscription, type SubscriptionFacts } from '../../shared/domain/decide-subscription.ts';
import type { Decide, Decision } from '../../shared/domain/decision.ts';
import { bookNewLot, type NewLot, notBefore } from '../../shared/domain/draft.ts';
import type { Entry } from '../../shared/domain/entry.ts';
import type { DomainError } from '../../shared/domain/errors.ts';
import { default_priority, type Lot } from '../../shared/domain/lot.ts';
import { periodIndexAt, periodStart } from '../../shared/domain/period.ts';
import type { Catalog } from '../../shared/domain/plan.ts';
import { rollForward } from '../../shared/domain/roll-forward.ts';
import type { SubscriptionSnapshot } from '../../shared/domain/subscription.ts';
import { day_ms, type Instant } from '../../shared/domain/units.ts';

export const catalog: Catalog = {
  plans: [
    { id: 'free', name: 'Free', monthly_credits: 100, features: ['basic_posts', 'analytics'] },
    { id: 'pro', name: 'Pro', monthly_credits: 1_000, features: ['basic_posts', 'analytics', 'scheduling'] },
    { id: 'pro_plus', name: 'Pro Plus', monthly_credits: 5_000, features: ['basic_posts', 'analytics', 'ads'] },
    { id: 'ultimate', name: 'Ultimate', monthly_credits: null, features: ['*'] },
  ],
  free_plan: 'free',
  policies: { renewal_grace_ms: 3 * day_ms, past_due_grace_ms: 7 * day_ms },
};

export function instant(iso: string): Instant {
  return Date.parse(iso);
}

/** A subscription to pro by the month, taken out on 10 March 2026 at noon. */
export const pro: SubscriptionSnapshot = {
  stripe_subscription_id: 'sub_1',
  plan: 'pro',
  interval: 'month',
  status: 'active',
  billing_cycle_anchor: instant('2026-03-10T12:00:00Z'),
  current_period_end: instant('2026-04-10T12:00:00Z'),
  cancel_at_period_end: false,
  snapshot_at: instant('2026-03-10T12:00:00Z'),
};

export const pro_paid_through = pro.current_period_end;

/** What the first invoice of pro covers. */
export const pro_paid = { from: pro.billing_cycle_anchor, through: pro_paid_through };

export function lotOf(changes: Partial<Lot> = {}): Lot {
  return {
    id: 'lot_1',
    kind: 'monthly',
    amount: 100,
    remaining: 100,
    held: 0,
    priority: default_priority,
    expires_at: null,
    created_at: 0,
    ...changes,
  };
}

/**
 * One account through its life: every command is decided on the account as the last commit left it, and committed as the store
 * commits. A refusal changes nothing and is given back.
 */
export class Journey {
  account: Account;
  readonly entries: Entry[] = [];
  now: Instant;
  readonly #catalog: Catalog;

  constructor(opened_at: Instant | string, by: Catalog = catalog) {
    this.now = typeof opened_at === 'string' ? instant(opened_at) : opened_at;
    this.#catalog = by;
    this.account = newAccount('u_1', by, this.now);
    this.roll();
  }

  to(iso: string): this {
    this.now = instant(iso);
    return this;
  }

  wait(ms: number): this {
    this.now += ms;
    return this;
  }

  roll(): this {
    this.commit((account, now) => ({ draft: rollForward(account, this.#catalog, now) }));
    return this;
  }

  deduct(amount: number, entry_id = `use:${this.account.seq + 1}`): DomainError | null {
    const deduct = { entry_id, fingerprint: 'f', amount, description: 'a use', actor: 'u_1' };
    return this.commit((account, now) => decideDeduct(account, deduct, this.#catalog, now));
  }

  /** Opens a lot beside the monthly one, as a grant or a purchase does. */
  grant(lot: Partial<NewLot> & { amount: number }): DomainError | null {
    const opened = {
      kind: 'bonus',
      remaining: lot.amount,
      priority: default_priority,
      expires_at: null,
      ...lot,
    } as const;
    return this.commit((account, now) => {
      const rolled = rollForward(account, this.#catalog, now);
      const facts = {
        entry_id: `grant:${account.seq + 1}`,
        transaction_type: 'bonus',
        description: 'a grant',
        created_at: notBefore(account, now),
        actor: 'service',
        fingerprint: null,
      } as const;
      return { draft: bookNewLot(rolled, facts, opened) };
    });
  }

  subscription(facts: Partial<SubscriptionFacts>): DomainError | null {
    const known = { stripe_subscription_id: 'sub_1', stripe_customer_id: 'cus_1' };
    return this.commit((account, now) => decideSubscription(account, { ...known, ...facts }, this.#catalog, now));
  }

  /** A snapshot that Stripe makes at this second, unless it says another. */
  snapshot(changes: Partial<SubscriptionSnapshot> = {}, facts: Partial<SubscriptionFacts> = {}): DomainError | null {
    const snapshot_at = Math.floor(this.now / 1_000) * 1_000;
    const snapshot = { ...pro, snapshot_at, ...changes };
    return this.subscription({ stripe_subscription_id: snapshot.stripe_subscription_id, snapshot, ...facts });
  }

  /** An invoice paid up to here: for the month that ends there on the subscription's grid, unless it begins elsewhere. */
  paid(until: Instant | string, stripe_subscription_id = 'sub_1', from?: Instant): DomainError | null {
    const through = typeof until === 'string' ? instant(until) : until;
    const anchor_at = this.account.subscription?.billing_cycle_anchor ?? pro.billing_cycle_anchor;
    const paid = { from: from ?? periodStart(anchor_at, periodIndexAt(anchor_at, through - 1)), through };
    return this.subscription({ stripe_subscription_id, paid });
  }

  commit(decide: Decide): DomainError | null {
    const decision = decide(this.account, this.now);
    if ('rejected' in decision) return decision.rejected;
    this.keep(decision);
    return null;
  }

  keep({ draft }: Extract<Decision, { draft: unknown }>): void {
    const { account, now } = this;
    for (const { entry_id } of draft.entries) {
      if (this.entries.some((entry) => entry.entry_id === entry_id)) throw new Error(`a second entry ${entry_id}`);
    }
    this.entries.push(...draft.entries);
    this.account = { ...draft.account, version: account.version + 1, updated_at: Math.max(account.updated_at, now) };
  }

  get monthly(): Lot | undefined {
    return this.account.lots.find((lot) => lot.kind === 'monthly');
  }
}

/** A free account since 1 March 2026 that took out pro on 10 March at noon, and paid. */
export function proJourney(changes: Partial<SubscriptionSnapshot> = {}, by: Catalog = catalog): Journey {
  const journey = new Journey('2026-03-01T08:30:00.250Z', by).to('2026-03-10T12:00:00Z');
  const snapshot = { ...pro, ...changes };
  journey.snapshot(snapshot);
  journey.paid(snapshot.current_period_end);
  return journey;
}
