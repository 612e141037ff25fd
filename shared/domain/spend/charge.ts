import type { Account } from '../account/account.ts';
import { bookFact, type Draft, withAccount } from '../account/draft.ts';
import type { EntryFacts } from '../ledger/entry.ts';
import type { UsageIncrement } from '../time/decision.ts';
import { type Credits, type Instant, utcDay } from '../units.ts';

/**
 * The most that an unlimited plan can still cover in the running period: its use is counted up to
 * 2^53 − 1.
 */
export function mostCovered({ period }: Account): Credits {
  return Number.MAX_SAFE_INTEGER - period.uncharged_use;
}

/** Books a charge that an unlimited plan covers: the use is counted, and no lot moves. */
export function bookCovered(draft: Draft, facts: EntryFacts, amount: Credits): Draft {
  const { period } = draft.account;
  const counted = withAccount(draft, { period: { ...period, uncharged_use: period.uncharged_use + amount } });
  return bookFact(counted, { ...facts, covered_by: 'unlimited', covered_credits: amount });
}

/** The charge's one use of its feature; null if it names no feature. */
export function useOf(
  feature: string | null | undefined,
  credits: Credits,
  at: Instant,
): { usage: UsageIncrement } | undefined {
  if (feature === null || feature === undefined) return undefined;
  return { usage: { feature, day: utcDay(at), count: 1, credits } };
}

/** The fields of a charge's entry that name its feature and its member. */
export function chargedTo(
  feature: string | null | undefined,
  member: { readonly member: string } | null,
): Pick<EntryFacts, 'feature' | 'member'> {
  return {
    ...(feature === null || feature === undefined ? {} : { feature }),
    ...(member === null ? {} : { member: member.member }),
  };
}
