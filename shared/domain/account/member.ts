import type { Credits, Instant } from '../units.ts';
import { utcDay } from '../units.ts';

/** What one person has spent of a shared account, and how much of it a month may be. */
export interface Member {
  readonly member: string;
  /** The most in a UTC calendar month; null means no cap. */
  readonly monthly_credits: Credits | null;
  /** The month of the member's last charge, `YYYY-MM`. */
  readonly month: string;
  /** Charged in that month. */
  readonly used_credits: Credits;
}

/** A member of whom nothing is known yet. */
export function newMember(member: string): Member {
  return { member, monthly_credits: null, month: '', used_credits: 0 };
}

/** The UTC calendar month, `YYYY-MM`. */
export function monthOf(at: Instant): string {
  return utcDay(at).slice(0, 7);
}

/** What the member was charged in the running month. */
export function usedInMonth({ month, used_credits }: Member, now: Instant): Credits {
  return month === monthOf(now) ? used_credits : 0;
}
