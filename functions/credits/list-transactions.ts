import { credits_routes } from '../../shared/api/credits-routes.ts';
import { fromCursor, toCursor } from '../../shared/api/cursor.ts';
import { validationFailed } from '../../shared/api/problem.ts';
import { transaction_type } from '../../shared/api/schemas.ts';
import { serve } from '../../shared/api/serve.ts';
import { toTransaction } from '../../shared/api/to-transaction.ts';
import { listEntries } from '../../shared/store/entries.ts';
import * as z from '../../shared/zod.ts';
import type { Deps } from '../composition.ts';

const default_limit = 20;

/** The `seq` below which the next page begins, and the listing's type; null means every type. */
const position_schema = z.tuple([z.int().check(z.minimum(1)), z.nullable(transaction_type)]);

/** GET /api/credits/transactions */
export const listTransactions = ({ accounts, database }: Deps) =>
  serve(credits_routes.transactions, async ({ account_id, query }) => {
    const position = query.cursor === undefined ? undefined : fromCursor(position_schema, account_id, query.cursor);
    const [before_seq, type] = position ?? [undefined, query.type ?? null];
    if (query.type !== undefined && query.type !== type) {
      throw validationFailed({ path: 'query.type', message: "must be the first page's, or left out" });
    }
    // The read opens a new account, so that its ledger is never empty.
    await accounts.read(account_id);
    const page = { limit: query.limit ?? default_limit, before_seq, type: type ?? undefined };
    const { entries, next_before_seq } = await listEntries(database, account_id, page);
    const next_cursor = next_before_seq === null ? null : toCursor(account_id, [next_before_seq, type]);
    return { body: { data: entries.map(toTransaction), next_cursor } };
  });
