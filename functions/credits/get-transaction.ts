import { credits_routes } from '../../shared/api/credits-routes.ts';
import { Problem } from '../../shared/api/problem.ts';
import { serve } from '../../shared/api/serve.ts';
import { toTransaction } from '../../shared/api/to-transaction.ts';
import { getEntry } from '../../shared/store/entries.ts';
import type { Deps } from '../composition.ts';

/** GET /api/credits/transactions/{entry_id} */
export const getTransaction = ({ database }: Deps) =>
  serve(credits_routes.transaction, async ({ account_id, params }) => {
    const entry = await getEntry(database, account_id, params.entry_id);
    if (entry === null) throw new Problem('not_found', 'The account has no transaction with this entry_id.');
    return { body: toTransaction(entry) };
  });
