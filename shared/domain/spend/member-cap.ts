import type { Account } from '../account/account.ts';
import { type Member, monthOf, usedInMonth } from '../account/member.ts';
import { memberOf, type RowKey, withMember } from '../account/rows.ts';
import { type DomainError, refusal } from '../errors.ts';
import type { Credits, Instant } from '../units.ts';

/**
 * The row of the member who spends; null if nobody's spending is counted. Asks for the row if it
 * was not read. An account counts its members' spending from its first cap on.
 */
export function spenderOf(account: Account, id: string | null): { member: Member | null } | { asks: RowKey } {
  if (id === null || !account.counts_members) return { member: null };
  const member = memberOf(account, id);
  return member === undefined ? { asks: { kind: 'member', id } } : { member };
}

/**
 * The refusal if the charge would pass the member's cap. The member's open holds count with all
 * that they may cost.
 */
export function overCap(account: Account, member: Member | null, required: Credits, now: Instant): DomainError | null {
  if (member === null || member.monthly_credits === null) return null;
  const { monthly_credits } = member;
  const used = usedInMonth(member, now) + heldBy(account, member);
  return used + required > monthly_credits
    ? refusal('member_cap_exceeded', { required, monthly_credits, used_credits: used })
    : null;
}

/** What the member may still spend in the running month, beside its open holds. */
export function leftOfCap(account: Account, member: Member | null, now: Instant): Credits {
  if (member === null || member.monthly_credits === null) return Number.POSITIVE_INFINITY;
  return Math.max(0, member.monthly_credits - usedInMonth(member, now) - heldBy(account, member));
}

/**
 * The account with this charge counted, or with this refund (negative) of a charge of the running
 * month.
 */
export function countUse(account: Account, member: Member | null, amount: Credits, now: Instant): Account {
  if (member === null) return account;
  const used_credits = Math.min(Math.max(0, usedInMonth(member, now) + amount), Number.MAX_SAFE_INTEGER);
  return withMember(account, { ...member, month: monthOf(now), used_credits });
}

function heldBy({ holds }: Account, { member }: Member): Credits {
  return holds.reduce((sum, hold) => sum + (hold.member === member ? hold.amount : 0), 0);
}
