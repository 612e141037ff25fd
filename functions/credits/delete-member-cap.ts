import { members_routes } from '../../shared/api/members-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import type { Deps } from '../composition.ts';
import { setMemberCap } from './set-member-cap.ts';

/** DELETE /api/accounts/{account_id}/members/{member}/cap */
export const deleteMemberCap = (deps: Deps) =>
  serve(members_routes.delete_member_cap, ({ account_id, params: { member } }) =>
    setMemberCap(deps, account_id, { member, monthly_credits: null }),
  );
