import { credits_routes } from '../../shared/api/credits-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import type { Deps } from '../composition.ts';

/** GET /api/accounts/{account_id}/verify */
export const verify = ({ database, pace }: Deps) =>
  serve(credits_routes.verify, async ({ account_id }) => {
    const { problems, ...verified } = await verifyLedger(database, account_id, pace);
    return { body: { ...verified, problems: [...problems] } };
  });
