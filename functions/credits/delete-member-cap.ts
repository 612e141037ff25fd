import { members_routes } from '../../shared/api/members-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import type { Parts } from '../composition.ts';
import { setMemberCap } from './set-member-cap.ts';

/** DELETE /api/accounts/{account_id}/members/{member}/cap */
export const deleteMemberCap = (parts: Parts) =>
  serve(members_routes.delete_member_cap, ({ account_id, params: { member } }) =>
    setMemberCap(parts, account_id, { member, monthly_credits: null }),
  );
