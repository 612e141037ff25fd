import { routes } from '../../shared/api/routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { toTransaction } from '../../shared/api/to-transaction.ts';
import { decideDeduct } from '../../shared/domain/decide-deduct.ts';
import type { Parts } from '../composition.ts';

/** POST /api/credits/deduct */
export const deduct = ({ accounts, catalog }: Parts) =>
  serve(routes.deduct, async ({ account_id, actor, body, idempotency_key, fingerprint }) => {
    const entry_id = `use:${idempotency_key}`;
    const { feature, ...spend } = body;
    const deduction = { ...spend, ...(feature === undefined ? {} : { feature }), entry_id, fingerprint, actor };
    const { entry, replayed } = await accounts.transact(account_id, {
      entry_id,
      fingerprint,
      decide: (account, now) => decideDeduct(account, deduction, catalog, now),
    });
    if (entry === null) throw new Error('a deduction that was committed has its entry');
    return { body: toTransaction(entry), replayed };
  });
