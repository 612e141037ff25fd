import { type Member, usedInMonth } from '../domain/account/member.ts';
import { type Instant, toIso } from '../domain/units.ts';
import type * as z from '../zod.ts';
import type { member_cap_answer } from './credits-answers.ts';

/** What a member may spend and has spent, at `now`. */
export function toMemberCap(member: Member, now: Instant): z.input<typeof member_cap_answer> {
  return {
    member: member.member,
    monthly_credits: member.monthly_credits,
    used_credits: usedInMonth(member, now),
    resets_at: toIso(nextMonth(now)),
  };
}

/** The start of the next calendar month, in UTC. */
function nextMonth(now: Instant): Instant {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
}
