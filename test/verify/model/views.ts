import { featuresOf, hasFeature } from '../../../shared/domain/access/features.ts';
import { balanceAt } from '../../../shared/domain/account/balance.ts';
import { isInEffect } from '../../../shared/domain/account/feature-override.ts';
import { usedInMonth } from '../../../shared/domain/account/member.ts';
import type { Subscription } from '../../../shared/domain/account/subscription.ts';
import type { Entry } from '../../../shared/domain/ledger/entry.ts';
import type { Catalog } from '../../../shared/domain/plan.ts';
import { rollForward } from '../../../shared/domain/time/roll-forward.ts';
import { features } from './catalogs.ts';
import type { Ledger } from './ledger.ts';
import { usedThisMonth } from './members.ts';
import { allows, allowsAll } from './rights.ts';
import { isUnlimited } from './spending.ts';
import {
  availableIn,
  copyOf,
  heldIn,
  type Line,
  lotNamed,
  type ModelSubscription,
  monthlyOf,
  type State,
  shownLots,
} from './state.ts';
import { inForce, periodEndOf, roll } from './time.ts';

const members = ['ann', 'bob'];

/**
 * What can be seen of an account at a moment. The domain's and the model's have the same form, down
 * to the order of the keys.
 */
export interface View {
  readonly lots: readonly object[];
  readonly holds: readonly object[];
  readonly balance: object;
  readonly period: object;
  readonly subscription: object | null;
  readonly customer: string | null;
  readonly overrides: readonly string[];
  readonly features: readonly (string | boolean)[];
  readonly members: readonly object[];
}

/** Of the domain, as a read shows it. */
export function viewOfLedger(ledger: Ledger, catalog: Catalog, now: number): View {
  const { account } = rollForward(ledger.account, catalog, now);
  const at = Math.max(ledger.account.updated_at, now);
  const { account_id: _, lots: __, ...balance } = balanceAt(account, catalog, at);
  const { period } = account;
  return {
    lots: account.lots
      .toSorted((a, b) => numberOf(a.id) - numberOf(b.id))
      .map(({ id, kind, amount, remaining, held, priority, expires_at, created_at, is_closed }) => {
        return { id, kind, amount, remaining, held, priority, expires_at, created_at, is_closed };
      }),
    holds: account.holds.map(({ id, amount, pins, feature, member, created_at, expires_at }) => {
      const in_lots = pins.map((pin) => ({ lot: pin.lot_id, amount: pin.amount }));
      return { id, amount, pins: in_lots, feature, member, created_at, expires_at };
    }),
    balance,
    period: {
      plan: period.plan,
      subscription: period.stripe_subscription_id,
      anchor_at: period.anchor_at,
      index: period.index,
      uncharged: period.uncharged_use,
    },
    subscription: subscriptionView(account.subscription),
    customer: account.stripe_customer_id,
    overrides: account.overrides
      .filter((override) => isInEffect(override, at))
      .map(({ feature, allowed, expires_at }) => `${feature} ${allowed} ${expires_at}`)
      .toSorted(),
    features: [
      featuresOf(account, catalog, at).all,
      ...features.filter((feature) => hasFeature(account, catalog, feature, at)),
    ],
    members: members.map((name) => {
      const row = ledger.members.get(name);
      return { name, cap: row?.monthly_credits ?? null, used: row === undefined ? 0 : usedInMonth(row, at) };
    }),
  };
}

/** Of the model. */
export function viewOfModel(state: State, now: number): View {
  const seen = copyOf(state);
  roll(seen, now);
  const { period } = seen;
  const { plan, subscription, anchor_at, index, uncharged } = period;
  return {
    lots: shownLots(seen)
      .toSorted((a, b) => numberOf(a.id) - numberOf(b.id))
      .map((lot) => {
        const { id, kind, amount, remaining, priority, expires_at, created_at, closed } = lot;
        const held = heldIn(seen, lot);
        return { id, kind, amount, remaining, held, priority, expires_at, created_at, is_closed: closed };
      }),
    holds: seen.holds.map(({ id, amount, pins, feature, member, created_at, expires_at }) => {
      return { id, amount, pins, feature, member, created_at, expires_at };
    }),
    balance: balanceView(seen),
    period: { plan, subscription, anchor_at, index, uncharged },
    subscription: subscriptionView(seen.subscription),
    customer: seen.customer,
    overrides: [...seen.overrides]
      .filter(([, { expires_at }]) => expires_at === null || seen.clock < expires_at)
      .map(([feature, { allowed, expires_at }]) => `${feature} ${allowed} ${expires_at}`)
      .toSorted(),
    features: [allowsAll(seen), ...features.filter((feature) => allows(seen, feature))],
    members: members.map((name) => {
      return { name, cap: seen.members.get(name)?.cap ?? null, used: usedThisMonth(seen, name) };
    }),
  };
}

/** What `GET /api/credits` shows: available = monthly − used + bonus − held. */
function balanceView(state: State) {
  const { subscription, period, catalog } = state;
  const monthly = monthlyOf(state);
  const unlimited = isUnlimited(state);
  let bonus_credits = 0;
  let held_credits = 0;
  for (const lot of shownLots(state)) {
    if (lot !== monthly) bonus_credits += lot.remaining;
    held_credits += heldIn(state, lot);
  }
  const used = monthly === null ? 0 : monthly.amount - monthly.remaining;
  return {
    plan: inForce(state) && subscription !== null ? subscription.plan : catalog.free_plan,
    status: subscription === null ? 'active' : subscription.status,
    unlimited,
    monthly_credits: unlimited ? null : (monthly?.amount ?? 0),
    used_credits: unlimited ? period.uncharged : used,
    bonus_credits,
    held_credits,
    available_credits: unlimited ? null : availableIn(state),
    reset_at: periodEndOf(state),
  };
}

function subscriptionView(subscription: Subscription | ModelSubscription | null): object | null {
  if (subscription === null) return null;
  const { stripe_subscription_id, plan, status, billing_cycle_anchor, snapshot_at, paid, left } = subscription;
  return {
    stripe_subscription_id,
    plan,
    status,
    billing_cycle_anchor,
    snapshot_at,
    paid: paid === null ? null : [paid.from, paid.through],
    left: left === null ? null : [left.anchor_at, left.index, left.used],
  };
}

function numberOf(id: string): number {
  return Number(id.slice('lot_'.length));
}

/** What moves into lots that have ended, or back into several, has no order that matters. */
function movements<M extends { id: string }>(type: string, lots: readonly M[]): M[] {
  if (type !== 'expire' && type !== 'refund') return [...lots];
  return lots.toSorted((a, b) => numberOf(a.id) - numberOf(b.id));
}

export function entryView(entry: Entry) {
  return {
    seq: entry.seq,
    entry_id: entry.entry_id,
    type: String(entry.transaction_type),
    created_at: entry.created_at,
    actor: entry.actor,
    amount: entry.amount,
    balance_after: entry.balance_after,
    lots: movements(entry.transaction_type, entry.lots).map(({ id, kind, amount, terms }) => ({
      id,
      kind,
      amount,
      terms: terms === undefined ? null : [terms.amount, terms.priority, terms.expires_at, terms.created_at],
    })),
    feature: entry.feature ?? null,
    covered_by: entry.covered_by ?? null,
    covered_credits: entry.covered_credits ?? null,
    skipped_periods: entry.skipped_periods ?? null,
    hold_id: entry.hold_id ?? null,
    held_credits: entry.held_credits ?? null,
    hold_expires_at: entry.hold_expires_at ?? null,
    refunds: entry.refunds ?? null,
    shortfall_credits: entry.shortfall_credits ?? null,
    member: entry.member ?? null,
  };
}

/**
 * What the entry of the model's line looks like; charges say the terms of the lots that they took
 * from.
 */
export function lineView(state: State, line: Line, place: number): ReturnType<typeof entryView> {
  const { more } = line;
  return {
    seq: place + 1,
    entry_id: line.entry_id,
    type: line.type,
    created_at: line.created_at,
    actor: line.actor,
    amount: line.amount,
    balance_after: line.balance_after,
    lots: movements(line.type, line.lots).map(({ id, kind, amount }) => {
      const lot = lotNamed(state, id);
      const terms = line.type === 'usage' ? [lot.amount, lot.priority, lot.expires_at, lot.created_at] : null;
      return { id, kind, amount, terms };
    }),
    feature: more.feature ?? null,
    covered_by: more.covered_credits === undefined ? null : 'unlimited',
    covered_credits: more.covered_credits ?? null,
    skipped_periods: more.skipped_periods ?? null,
    hold_id: more.hold_id ?? null,
    held_credits: more.held_credits ?? null,
    hold_expires_at: more.hold_expires_at ?? null,
    refunds: more.refunds ?? null,
    shortfall_credits: more.shortfall_credits ?? null,
    member: more.member ?? null,
  };
}
