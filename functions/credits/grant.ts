import { credits_routes } from '../../shared/api/credits-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { decideGrant } from '../../shared/domain/spend/decide-grant.ts';
import type { Deps } from '../composition.ts';
import { answerTransaction } from './answer-transaction.ts';

/** POST /api/accounts/{account_id}/credits/grants */
export const grant = ({ accounts }: Deps) =>
  serve(credits_routes.grant, async ({ account_id, actor, body, idempotency_key, fingerprint }) => {
    const entry_id = `grant:${idempotency_key}`;
    const granted = { ...body, expires_at: body.expires_at ?? null, entry_id, fingerprint, actor };
    const outcome = await accounts.transact(account_id, {
      entry_id,
      fingerprint,
      decide: decideGrant(granted),
    });
    return answerTransaction(outcome);
  });
