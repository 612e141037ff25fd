import type { Account } from './account.ts';
import type { Decision } from './decision.ts';
import { withAccount } from './draft.ts';
import { memberOf, withMember } from './parts.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import type { Credits, Instant } from './units.ts';

export interface CapMember {
  readonly member: string;
  /** Per UTC calendar month; null takes the cap away. */
  readonly monthly_credits: Credits | null;
}

/** Sets what a member may spend in a month. With its first cap an account begins to count what its members spend. */
export function decideMemberCap(
  account: Account,
  { member: id, monthly_credits }: CapMember,
  catalog: Catalog,
  now: Instant,
): Decision {
  const rolled = rollForward(account, catalog, now);
  if (monthly_credits === null && !account.counts_members) return { draft: rolled };
  const member = memberOf(rolled.account, id);
  if (member === undefined) return { missing: { kind: 'member', id } };
  const capped = withMember(rolled.account, { ...member, monthly_credits });
  return { draft: withAccount(rolled, { ...capped, counts_members: true }) };
}
