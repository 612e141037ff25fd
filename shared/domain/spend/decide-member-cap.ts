import { withAccount } from '../account/draft.ts';
import { memberOf, withMember } from '../account/rows.ts';
import type { Decide } from '../time/decision.ts';
import type { Credits } from '../units.ts';

export interface CapMember {
  readonly member: string;
  /** Per UTC calendar month; null removes the cap. */
  readonly monthly_credits: Credits | null;
}

/**
 * Sets what a member may spend in a month. With its first cap, an account begins to count what its
 * members spend.
 */
export const decideMemberCap =
  ({ member: id, monthly_credits }: CapMember): Decide =>
  ({ draft }) => {
    const { account } = draft;
    if (monthly_credits === null && !account.counts_members) return { draft };
    const member = memberOf(account, id);
    if (member === undefined) return { asks: { kind: 'member', id } };
    const capped = withMember(account, { ...member, monthly_credits });
    return { draft: withAccount(draft, { ...capped, counts_members: true }) };
  };
