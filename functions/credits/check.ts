import { credits_routes } from '../../shared/api/credits-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { availableCredits } from '../../shared/domain/account/account.ts';
import type { Deps } from '../composition.ts';

/** GET /api/credits/check */
export const check = ({ accounts, catalog }: Deps) =>
  serve(credits_routes.check, async ({ account_id, query }) => {
    const { account, now } = await accounts.read(account_id);
    const available = availableCredits(account, catalog, now);
    const allowed = available === null || query.amount <= available;
    return { body: { allowed, required: query.amount, available_credits: available } };
  });
