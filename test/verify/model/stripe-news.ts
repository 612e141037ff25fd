import type { SubscriptionSnapshot } from '../../../shared/domain/account/subscription.ts';
import { indexAt, monthsAfter } from './calendar.ts';
import type { Happening } from './happenings.ts';
import type { ModelSubscription, State } from './state.ts';
import type { News } from './subscribing.ts';

const day_ms = 86_400_000;

type SomeNews = Omit<News, 'stripe_customer_id'>;
type Happens<K extends Happening['kind']> = Extract<Happening, { kind: K }>;

/**
 * What Stripe says when something happens to the account's subscription: snapshots and paid
 * invoices, in their order.
 */
export function newsAbout(state: State, what: Happening, now: number): SomeNews[] {
  const held = state.subscription;
  const at = second(now);
  switch (what.kind) {
    case 'subscribe':
      return subscribed(held, what, at);
    case 'renew':
      return held === null ? [] : renewed(held, what.months, now);
    case 'change plan':
    case 'change status':
      return held === null ? [] : changed(held, what, at);
    case 'move anchor':
      return held === null ? [] : moved(state, held, what, at);
    case 'come back':
      return held === null ? [] : cameBack(state, held, what, at);
    case 'snapshot':
      return [snapshotTaken(held, what, at)];
    case 'paid': {
      const anchor = held?.billing_cycle_anchor ?? at;
      const index = indexAt(anchor, now) + what.months;
      const paid = { from: monthsAfter(anchor, index), through: monthsAfter(anchor, index + 1) };
      return [{ stripe_subscription_id: `sub_${what.subscription}`, paid }];
    }
    default:
      return [];
  }
}

/** Stripe counts in whole seconds. */
function second(at: number): number {
  return Math.floor(at / 1_000) * 1_000;
}

function newSnapshot(stripe_subscription_id: string, plan: string, at: number): SubscriptionSnapshot {
  return {
    stripe_subscription_id,
    plan,
    interval: 'month',
    status: 'active',
    billing_cycle_anchor: at,
    current_period_end: monthsAfter(at, 1),
    cancel_at_period_end: false,
    snapshot_at: at,
  };
}

/** A new subscription and its first invoice; one that has not ended yet changes its plan. */
function subscribed(
  held: ModelSubscription | null,
  { plan, trial_days, months }: Happens<'subscribe'>,
  at: number,
): SomeNews[] {
  const over = held === null || ['canceled', 'incomplete_expired', 'unpaid', 'paused'].includes(held.status);
  const status = trial_days === null ? 'active' : 'trialing';
  const interval = months === 12 ? 'year' : 'month';
  if (!over) {
    const { stripe_subscription_id, billing_cycle_anchor } = held;
    const snapshot = {
      ...newSnapshot(stripe_subscription_id, plan, at),
      status,
      interval,
      billing_cycle_anchor,
    } as const;
    return [{ stripe_subscription_id, snapshot, fetched: true }];
  }
  const number = held === null ? 1 : Number(held.stripe_subscription_id.slice('sub_'.length)) + 1;
  const stripe_subscription_id = `sub_${number}`;
  const billing_cycle_anchor = at + (trial_days ?? 0) * day_ms;
  const snapshot = {
    ...newSnapshot(stripe_subscription_id, plan, at),
    status,
    interval,
    billing_cycle_anchor,
  } as const;
  const through = trial_days === null ? monthsAfter(billing_cycle_anchor, months) : billing_cycle_anchor;
  const paid = { from: at, through };
  // The invoice comes with the subscription or after it.
  if (months === 12) return [{ stripe_subscription_id, snapshot, fetched: true, paid }];
  return [
    { stripe_subscription_id, snapshot, fetched: true },
    { stripe_subscription_id, paid },
  ];
}

/**
 * The invoice after the last one that was paid; of two months, the one of the month that is
 * running. Early, in time or late.
 */
function renewed(
  { stripe_subscription_id, billing_cycle_anchor, paid }: ModelSubscription,
  months: number,
  now: number,
): SomeNews[] {
  const paid_through = paid?.through ?? billing_cycle_anchor;
  if (paid_through > now + 35 * day_ms) return [];
  const index = indexAt(billing_cycle_anchor, months === 2 ? now : paid_through);
  const from = monthsAfter(billing_cycle_anchor, index);
  const through = monthsAfter(billing_cycle_anchor, index + (months === 2 ? 1 : months));
  return [{ stripe_subscription_id, paid: { from, through } }];
}

function changed(held: ModelSubscription, what: Happens<'change plan' | 'change status'>, at: number): SomeNews[] {
  if (what.kind === 'change status') return [changeOf(held, { status: what.status, snapshot_at: at })];
  const is_live = ['active', 'trialing', 'past_due'].includes(held.status);
  return [changeOf(held, { plan: what.plan, status: is_live ? held.status : 'active', snapshot_at: at })];
}

function changeOf(held: ModelSubscription, changes: Partial<SubscriptionSnapshot>): SomeNews {
  const { paid: _, left: __, ...known } = held;
  const { stripe_subscription_id } = held;
  return { stripe_subscription_id, snapshot: { ...known, ...changes }, fetched: true };
}

function moved(
  { period }: State,
  held: ModelSubscription,
  { days, paid_months }: Happens<'move anchor'>,
  at: number,
): SomeNews[] {
  const from = days === null ? monthsAfter(period.anchor_at, period.index) : at + days * day_ms;
  const move = changeOf(held, { billing_cycle_anchor: from, snapshot_at: at });
  if (paid_months === null) return [move];
  const { stripe_subscription_id } = held;
  return [move, { stripe_subscription_id, paid: { from, through: monthsAfter(from, paid_months) } }];
}

/** A subscription that another one has taken over from, on the grid that it was left on. */
function cameBack(
  { former }: State,
  held: ModelSubscription,
  { nth, plan, is_paid }: Happens<'come back'>,
  at: number,
): SomeNews[] {
  const ids = [...former.keys()];
  const stripe_subscription_id = ids[nth % ids.length];
  if (stripe_subscription_id === undefined) return [];
  const billing_cycle_anchor = former.get(stripe_subscription_id)?.left?.anchor_at ?? at;
  const index = indexAt(billing_cycle_anchor, at);
  const paid = {
    from: monthsAfter(billing_cycle_anchor, index),
    through: monthsAfter(billing_cycle_anchor, index + 1),
  };
  const back = {
    stripe_subscription_id,
    snapshot: { ...newSnapshot(stripe_subscription_id, plan, at), billing_cycle_anchor },
    fetched: true,
  };
  return [changeOf(held, { status: 'unpaid', snapshot_at: at }), is_paid ? { ...back, paid } : back];
}

/** Any snapshot, also one that cannot be. */
function snapshotTaken(held: ModelSubscription | null, what: Happens<'snapshot'>, at: number): SomeNews {
  const stripe_subscription_id = `sub_${what.subscription}`;
  const kept = held?.stripe_subscription_id === stripe_subscription_id ? held.billing_cycle_anchor : at;
  const snapshot = {
    ...newSnapshot(stripe_subscription_id, what.plan, at),
    status: what.status,
    billing_cycle_anchor: what.anchor_days === null ? kept : at + what.anchor_days * day_ms,
    snapshot_at: at + what.seconds * 1_000,
  };
  return { stripe_subscription_id, snapshot, fetched: what.fetched };
}
