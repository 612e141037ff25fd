import { toMemberCap } from '../../shared/api/to-member-cap.ts';
import { newMember } from '../../shared/domain/account/member.ts';
import { memberOf } from '../../shared/domain/account/rows.ts';
import { type CapMember, decideMemberCap } from '../../shared/domain/spend/decide-member-cap.ts';
import type { Deps } from '../composition.ts';

/** Sets or removes a member's cap, and answers what the member may spend and has spent. */
export async function setMemberCap({ accounts }: Deps, account_id: string, cap: CapMember) {
  const { account, now } = await accounts.transact(account_id, {
    entry_id: null,
    fingerprint: null,
    decide: decideMemberCap(cap),
  });
  // An account that does not count its members' spending has no row of this member.
  return { body: toMemberCap(memberOf(account, cap.member) ?? newMember(cap.member), now) };
}
