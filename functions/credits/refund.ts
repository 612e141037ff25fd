import { credits_routes } from '../../shared/api/credits-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { decideRefund } from '../../shared/domain/spend/decide-refund.ts';
import type { Deps } from '../composition.ts';
import { answerTransaction } from './answer-transaction.ts';

/** POST /api/accounts/{account_id}/credits/refunds */
export const refund = ({ accounts }: Deps) =>
  serve(credits_routes.refund, async ({ account_id, actor, body, idempotency_key, fingerprint }) => {
    const { entry_id: refunds, ...rest } = body;
    const entry_id = `refund:${idempotency_key}`;
    const outcome = await accounts.transact(account_id, {
      entry_id,
      fingerprint,
      decide: decideRefund({ ...rest, entry_id, refunds, fingerprint, actor }),
    });
    return answerTransaction(outcome);
  });
