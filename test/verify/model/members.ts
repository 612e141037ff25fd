import { monthOf } from './calendar.ts';
import type { ModelHold, ModelMember, Refusal, State } from './state.ts';
import { roll } from './time.ts';

function memberNamed(state: State, name: string): ModelMember {
  return state.members.get(name) ?? { cap: null, month: '', used: 0 };
}

export function usedThisMonth(state: State, name: string): number {
  const member = memberNamed(state, name);
  return member.month === monthOf(state.clock) ? member.used : 0;
}

/**
 * What the member may be charged: the cap less this month's use and what its other open holds may
 * still cost.
 */
export function roomOf(state: State, name: string | null, settled: ModelHold | null): number {
  if (name === null || !state.counts_members) return Number.POSITIVE_INFINITY;
  const { cap } = memberNamed(state, name);
  if (cap === null) return Number.POSITIVE_INFINITY;
  let room = cap - usedThisMonth(state, name);
  for (const hold of state.holds) if (hold.member === name && hold !== settled) room -= hold.amount;
  // What a hold was granted has been authorised, whatever the cap is now.
  return settled === null ? room : Math.max(room, settled.amount);
}

/** Counts a charge, or with a negative amount a refund, since the account's first cap. */
export function countUse(state: State, name: string | null, amount: number): void {
  if (name === null || !state.counts_members) return;
  const used = Math.min(Math.max(0, usedThisMonth(state, name) + amount), Number.MAX_SAFE_INTEGER);
  state.members.set(name, { ...memberNamed(state, name), month: monthOf(state.clock), used });
}

export function capMember(state: State, name: string, cap: number | null, now: number): Refusal | null {
  roll(state, now);
  if (cap !== null) state.counts_members = true;
  state.members.set(name, { ...memberNamed(state, name), cap });
  return null;
}
