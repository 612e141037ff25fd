import { holds_routes } from '../../shared/api/holds-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { toHold } from '../../shared/api/to-hold.ts';
import type { Deps } from '../composition.ts';

/** GET /api/credits/holds */
export const listHolds = ({ accounts }: Deps) =>
  serve(holds_routes.holds, async ({ account_id }) => {
    const { account } = await accounts.read(account_id);
    return { body: { data: account.holds.map(toHold) } };
  });
