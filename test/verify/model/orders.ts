import { type Grant, grant, type Refund, refund } from './giving.ts';
import { capMember } from './members.ts';
import { deleteOverride, setOverride } from './rights.ts';
import { deduct, hold, release, type Settlement, type Spend, settle } from './spending.ts';
import { copyOf, type Refusal, type State } from './state.ts';
import { hear, meetCustomer, type News } from './subscribing.ts';
import { roll } from './time.ts';

/** A command with all that it says: both sides get the same. */
export type Order =
  | { readonly kind: 'roll' }
  | ({ readonly kind: 'deduct' } & Spend)
  | ({ readonly kind: 'hold'; readonly hold_id: string; readonly expires_in_s: number } & Spend)
  | ({ readonly kind: 'settle' } & Settlement)
  | { readonly kind: 'release'; readonly hold_id: string; readonly actor: string }
  | ({ readonly kind: 'grant' } & Grant)
  | ({ readonly kind: 'refund' } & Refund)
  | {
      readonly kind: 'override';
      readonly feature: string;
      readonly override: { readonly allowed: boolean; readonly expires_at: number | null } | null;
    }
  | { readonly kind: 'cap'; readonly member: string; readonly monthly_credits: number | null }
  | ({ readonly kind: 'subscription' } & News)
  | { readonly kind: 'customer'; readonly stripe_customer_id: string };

/** The natural key of the order's own entry; null has none. */
export function entryIdOf(order: Order): string | null {
  switch (order.kind) {
    case 'deduct':
      return `use:${order.key}`;
    case 'hold':
      return `hold:${order.hold_id}`;
    case 'settle':
      return `settle:${order.hold_id}`;
    case 'release':
      return `release:${order.hold_id}`;
    case 'grant':
      return `grant:${order.key}`;
    case 'refund':
      return `refund:${order.key}`;
    default:
      return null;
  }
}

/**
 * What tells two requests of one key apart: all that they say. Any two releases of a hold are the
 * same.
 */
export function fingerprintOf(order: Order): string | null {
  if (order.kind === 'release') return null;
  const { actor: _, ...said } = { actor: '', ...order };
  return JSON.stringify(said);
}

export type Answer = { readonly is: 'accepted' } | { readonly is: 'replayed' } | ({ readonly is: 'refused' } & Refusal);

/**
 * The model with the order carried out, and the answer. A refused order, like a repeated one,
 * changes nothing.
 */
export function obey(state: State, order: Order, now: number): { state: State; answer: Answer } {
  const entry_id = entryIdOf(order);
  const asked = entry_id === null ? undefined : state.asked.get(entry_id);
  if (asked !== undefined) return { state, answer: askedAgain(order, asked) };
  const tried = copyOf(state);
  const refusal = carryOut(tried, order, now);
  if (refusal !== null) return { state, answer: { is: 'refused', ...refusal } };
  tried.committed_at = tried.clock;
  if (entry_id !== null) tried.asked.set(entry_id, fingerprintOf(order));
  return { state: tried, answer: { is: 'accepted' } };
}

function askedAgain(order: Order, asked: string | null): Answer {
  if (asked === fingerprintOf(order)) return { is: 'replayed' };
  return { is: 'refused', code: order.kind === 'settle' ? 'hold_closed' : 'idempotency_key_reused' };
}

function carryOut(state: State, order: Order, now: number): Refusal | null {
  switch (order.kind) {
    case 'roll':
      roll(state, now);
      return null;
    case 'deduct':
      return deduct(state, order, now);
    case 'hold':
      return hold(state, order, order.hold_id, order.expires_in_s, now);
    case 'settle':
      return settle(state, order, now);
    case 'release':
      return release(state, order.hold_id, order.actor, now);
    case 'grant':
      return grant(state, order, now);
    case 'refund':
      return refund(state, order, now);
    case 'override':
      if (order.override === null) return deleteOverride(state, order.feature, now);
      return setOverride(state, order.feature, order.override, now);
    case 'cap':
      return capMember(state, order.member, order.monthly_credits, now);
    case 'subscription':
      return hear(state, order, now);
    case 'customer':
      return meetCustomer(state, order.stripe_customer_id, now);
  }
}
