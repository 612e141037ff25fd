import { members_routes } from '../../shared/api/members-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { toMemberCap } from '../../shared/api/to-member-cap.ts';
import { getMember } from '../../shared/store/account-rows.ts';
import type { Deps } from '../composition.ts';

/** GET /api/accounts/{account_id}/members/{member}/cap */
export const getMemberCap = ({ accounts, database }: Deps) =>
  serve(members_routes.member_cap, async ({ account_id, params }) => {
    // The read opens a new account, so that it is remembered.
    const { now } = await accounts.read(account_id);
    return { body: toMemberCap(await getMember(database, account_id, params.member), now) };
  });
