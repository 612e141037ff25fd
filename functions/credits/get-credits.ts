import { credits_routes } from '../../shared/api/credits-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { toBalance } from '../../shared/api/to-balance.ts';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import type { Deps } from '../composition.ts';

/** GET /api/credits */
export const getCredits = ({ accounts, catalog }: Deps) =>
  serve(credits_routes.credits, async ({ account_id }) => {
    const { account, now } = await accounts.read(account_id);
    return { body: toBalance(balanceAt(account, catalog, now)) };
  });
