import { holds_routes } from '../../shared/api/holds-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { refusal } from '../../shared/domain/errors.ts';
import { decideSettle } from '../../shared/domain/spend/decide-settle.ts';
import type { Deps } from '../composition.ts';
import { answerTransaction } from './answer-transaction.ts';

/** POST /api/credits/holds/{hold_id}/settle */
export const settleHold = ({ accounts }: Deps) =>
  serve(holds_routes.settle, async ({ account_id, actor, user, params: { hold_id }, body, fingerprint }) => {
    const outcome = await accounts.transact(account_id, {
      entry_id: `settle:${hold_id}`,
      fingerprint,
      other_request: () => refusal('hold_closed', { hold_id }),
      decide: decideSettle({ ...body, hold_id, fingerprint, actor, user }),
    });
    return answerTransaction(outcome);
  });
