import { routes } from '../../shared/api/routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import type { Parts } from '../composition.ts';

/** GET /api/accounts/{account_id}/verify */
export const verify = ({ database, pace }: Parts) =>
  serve(routes.verify, async ({ account_id }) => {
    const { ok, entries, balance, problems } = await verifyLedger(database, account_id, pace);
    return { body: { ok, entries, balance, problems: [...problems] } };
  });
