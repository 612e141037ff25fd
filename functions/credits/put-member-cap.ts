import { members_routes } from '../../shared/api/members-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import type { Deps } from '../composition.ts';
import { setMemberCap } from './set-member-cap.ts';

/** PUT /api/accounts/{account_id}/members/{member}/cap */
export const putMemberCap = (deps: Deps) =>
  serve(members_routes.put_member_cap, ({ account_id, params: { member }, body: { monthly_credits } }) =>
    setMemberCap(deps, account_id, { member, monthly_credits }),
  );
