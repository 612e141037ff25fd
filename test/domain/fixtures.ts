import { decideFeatureOverride, type OverrideFeature } from '../../shared/domain/access/decide-feature-override.ts';
import type { Account } from '../../shared/domain/account/account.ts';
import { monthlyLot, newAccount } from '../../shared/domain/account/account.ts';
import { bookNewLot, type NewLot } from '../../shared/domain/account/draft.ts';
import { newMember } from '../../shared/domain/account/member.ts';
import { no_rows, type RowKey, type Rows } from '../../shared/domain/account/rows.ts';
import type { PaidLine, SubscriptionSnapshot } from '../../shared/domain/account/subscription.ts';
import { decideSubscription, type SubscriptionFacts } from '../../shared/domain/billing/decide-subscription.ts';
import type { DomainError } from '../../shared/domain/errors.ts';
import type { Entry } from '../../shared/domain/ledger/entry.ts';
import { default_priority, type Lot } from '../../shared/domain/ledger/lot.ts';
import { periodIndexAt, periodStart } from '../../shared/domain/period.ts';
import type { Catalog, RolloverPolicy } from '../../shared/domain/plan.ts';
import { type Deduct, decideDeduct } from '../../shared/domain/spend/decide-deduct.ts';
import { decideGrant, type Grant } from '../../shared/domain/spend/decide-grant.ts';
import { decideHold, type OpenHold } from '../../shared/domain/spend/decide-hold.ts';
import { decideMemberCap } from '../../shared/domain/spend/decide-member-cap.ts';
import { decideRefund, type Refund } from '../../shared/domain/spend/decide-refund.ts';
import { decideRelease } from '../../shared/domain/spend/decide-release.ts';
import { decideSettle, type Settle } from '../../shared/domain/spend/decide-settle.ts';
import {
  type Decide,
  type Decision,
  decideNothing,
  isRow,
  type StripeQuestion,
} from '../../shared/domain/time/decision.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { day_ms, type Instant } from '../../shared/domain/units.ts';

export const catalog: Catalog = {
  plans: [
    { id: 'free', name: 'Free', monthly_credits: 100, features: ['basic_posts', 'analytics'], rollover: null },
    {
      id: 'pro',
      name: 'Pro',
      monthly_credits: 1_000,
      features: ['basic_posts', 'analytics', 'scheduling'],
      rollover: null,
    },
    {
      id: 'pro_plus',
      name: 'Pro Plus',
      monthly_credits: 5_000,
      features: ['basic_posts', 'analytics', 'ads'],
      rollover: null,
    },
    { id: 'ultimate', name: 'Ultimate', monthly_credits: null, features: ['*'], rollover: null },
  ],
  free_plan: 'free',
  policies: { renewal_grace_ms: 3 * day_ms, past_due_grace_ms: 7 * day_ms },
};

function rollingOver(rollover: RolloverPolicy): Catalog {
  const plans = catalog.plans.map((plan) => (plan.monthly_credits === null ? plan : { ...plan, rollover }));
  return { ...catalog, plans };
}

/** All that is left rolls over for three months, up to a cap. */
export const capped_rollover = rollingOver({ cap: 150, share_percent: 100, expires_after_months: 3 });

/** A share of what is left rolls over for one month. */
export const shared_rollover = rollingOver({ cap: null, share_percent: 33, expires_after_months: 1 });

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
    is_closed: false,
    ...changes,
  };
}

/** Null: done. Otherwise the refusal, or what only Stripe knows. */
export type Answer = DomainError | StripeQuestion | null;

export function isQuestion(answer: Answer): answer is StripeQuestion {
  return answer !== null && 'kind' in answer;
}

/** News of a subscription; an invoice of one line, for all of it. */
type News = Partial<Omit<SubscriptionFacts, 'paid'>> & { readonly paid?: PaidLine };

/**
 * One account through its life: every command is decided on the account as the last commit left it, and committed as the store
 * commits. A refusal changes nothing and is given back.
 */
export class Journey {
  account: Account;
  readonly entries: Entry[] = [];
  now: Instant;
  readonly catalog: Catalog;

  constructor(opened_at: Instant | string, by: Catalog = catalog) {
    this.now = typeof opened_at === 'string' ? instant(opened_at) : opened_at;
    this.catalog = by;
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
    this.commit(decideNothing);
    return this;
  }

  deduct(amount: number, entry_id = `use:${this.account.seq + 1}`, more: Partial<Deduct> = {}): DomainError | null {
    const deduct = { entry_id, fingerprint: 'f', amount, description: 'a use', actor: 'u_1', ...more };
    return this.book(decideDeduct(deduct));
  }

  hold(amount: number, hold_id = `h_${this.account.seq + 1}`, more: Partial<OpenHold> = {}): DomainError | null {
    const by = { actor: 'u_1', user: null };
    const open = { hold_id, fingerprint: 'f', amount, description: 'work', expires_in_s: 3_600, ...by, ...more };
    return this.book(decideHold(open));
  }

  /** As a service, or as the user who is named. */
  settle(
    hold_id: string,
    amount: number,
    if_insufficient: Settle['if_insufficient'] = 'reject',
    user: string | null = null,
  ): DomainError | null {
    const settle = { hold_id, fingerprint: `${amount}`, amount, if_insufficient, actor: user ?? 'u_1', user };
    return this.book(decideSettle(settle));
  }

  /** As a service, or as the user who is named. */
  release(hold_id: string, user: string | null = null): DomainError | null {
    const release = { hold_id, actor: user ?? 'u_1', user };
    return this.book(decideRelease(release));
  }

  refund(refunds: string, amount?: number, more: Partial<Refund> = {}): DomainError | null {
    const entry_id = `refund:${this.account.seq + 1}`;
    const refund = { entry_id, fingerprint: 'f', refunds, amount, actor: 'service', ...more };
    return this.book(decideRefund(refund));
  }

  bonus(amount: number, more: Partial<Grant> = {}): DomainError | null {
    const entry_id = `grant:${this.account.seq + 1}`;
    const grant = { entry_id, fingerprint: 'f', amount, description: 'a grant', actor: 'service' };
    const terms = { expires_at: null, priority: default_priority, ...more };
    return this.book(decideGrant({ ...grant, ...terms }));
  }

  override(feature: string, override: OverrideFeature['override']): DomainError | null {
    return this.book(decideFeatureOverride({ feature, override }));
  }

  cap(member: string, monthly_credits: number | null): DomainError | null {
    return this.book(decideMemberCap({ member, monthly_credits }));
  }

  /** Opens a lot of any kind beside the monthly one. */
  grant(lot: Partial<NewLot> & { amount: number }): DomainError | null {
    const opened = {
      kind: 'bonus',
      remaining: lot.amount,
      priority: default_priority,
      expires_at: null,
      ...lot,
    } as const;
    return this.book(({ draft, at }) => {
      const facts = {
        entry_id: `grant:${this.account.seq + 1}`,
        transaction_type: 'bonus',
        description: 'a grant',
        created_at: at,
        actor: 'service',
        fingerprint: null,
      } as const;
      return { draft: bookNewLot(draft, facts, opened) };
    });
  }

  subscription({ paid, ...said }: News): Answer {
    const known = { stripe_subscription_id: 'sub_1', stripe_customer_id: 'cus_1' };
    const facts = { ...known, ...said, ...(paid === undefined ? {} : { paid: [paid] }) };
    return this.commit(decideSubscription(facts));
  }

  /** A snapshot that Stripe makes at this second, unless it says another. */
  snapshot(changes: Partial<SubscriptionSnapshot> = {}, facts: News = {}): Answer {
    const snapshot_at = Math.floor(this.now / 1_000) * 1_000;
    const snapshot = { ...pro, snapshot_at, ...changes };
    return this.subscription({ stripe_subscription_id: snapshot.stripe_subscription_id, snapshot, ...facts });
  }

  /** An invoice paid up to here: for the month that ends there on the subscription's grid, unless it begins elsewhere. */
  paid(until: Instant | string, stripe_subscription_id = 'sub_1', from?: Instant): Answer {
    const through = typeof until === 'string' ? instant(until) : until;
    const anchor_at = this.account.subscription?.billing_cycle_anchor ?? pro.billing_cycle_anchor;
    const paid = { from: from ?? periodStart(anchor_at, periodIndexAt(anchor_at, through - 1)), through };
    return this.subscription({ stripe_subscription_id, paid });
  }

  /** Of a decision that asks nothing of Stripe. */
  book(decide: Decide): DomainError | null {
    const answer = this.commit(decide);
    if (isQuestion(answer)) throw new Error(`asks Stripe: ${answer.kind}`);
    return answer;
  }

  commit(decide: Decide): Answer {
    for (;;) {
      const decision = decide(presentOf(this.account, this.catalog, this.now));
      if ('refused' in decision) return decision.refused;
      if ('draft' in decision) {
        this.keep(decision);
        return null;
      }
      if (!isRow(decision.asks)) return decision.asks;
      this.account = { ...this.account, rows: this.#known(decision.asks) };
    }
  }

  /** The known rows and one more, as if it had been read: rows stay, once they are known. */
  #known({ kind, id }: RowKey): Rows {
    const { rows } = this.account;
    if (kind === 'member') return { ...rows, members: [...rows.members, newMember(id)] };
    if (kind === 'refunded') return { ...rows, refunded: [...rows.refunded, { entry_id: id, refunded_credits: 0 }] };
    const entry = this.entries.find(({ entry_id }) => entry_id === id) ?? null;
    return { ...rows, evidence: [...rows.evidence, { entry_id: id, entry }] };
  }

  keep({ draft }: Extract<Decision, { draft: unknown }>): void {
    const { account, now } = this;
    for (const { entry_id } of draft.entries) {
      if (this.entries.some((entry) => entry.entry_id === entry_id)) throw new Error(`a second entry ${entry_id}`);
    }
    this.entries.push(...draft.entries);
    const rows = { ...draft.account.rows, evidence: no_rows.evidence };
    const updated_at = Math.max(account.updated_at, now);
    this.account = { ...draft.account, rows, version: account.version + 1, updated_at };
  }

  entry(entry_id: string): Entry | undefined {
    return this.entries.find((entry) => entry.entry_id === entry_id);
  }

  lot(id: string): Lot | undefined {
    return this.account.lots.find((lot) => lot.id === id);
  }

  get monthly(): Lot | undefined {
    return monthlyLot(this.account);
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
