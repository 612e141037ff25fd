import { credits_routes } from '../../shared/api/credits-routes.ts';
import { fromCursor, toCursor } from '../../shared/api/cursor.ts';
import { validationFailed } from '../../shared/api/problem.ts';
import { serve } from '../../shared/api/serve.ts';
import { toTransaction } from '../../shared/api/to-transaction.ts';
import { listEntries } from '../../shared/store/entries.ts';
import type { Parts } from '../composition.ts';

const default_limit = 20;

/** GET /api/credits/transactions */
export const listTransactions = ({ accounts, database }: Parts) =>
  serve(credits_routes.transactions, async ({ account_id, query }) => {
    const from = query.cursor === undefined ? undefined : fromCursor(account_id, query.cursor);
    if (from !== undefined && query.type !== undefined && query.type !== from.type) {
      throw validationFailed({ path: 'query.type', message: "must be the first page's, or left out" });
    }
    const type = from === undefined ? query.type : from.type;
    // Reading opens an account that nobody has seen before, so that its ledger is never empty.
    await accounts.read(account_id);
    const page = { limit: query.limit ?? default_limit, before_seq: from?.before_seq, type };
    const { entries, next_before_seq } = await listEntries(database, account_id, page);
    const next_cursor = next_before_seq === null ? null : toCursor(account_id, { before_seq: next_before_seq, type });
    return { body: { data: entries.map(toTransaction), next_cursor } };
  });
