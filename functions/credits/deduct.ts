import { credits_routes } from '../../shared/api/credits-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import type { Deps } from '../composition.ts';
import { answerTransaction } from './answer-transaction.ts';
import { deductCommand } from './deduct-command.ts';

/** POST /api/credits/deduct */
export const deduct = ({ accounts }: Deps) =>
  serve(credits_routes.deduct, async ({ account_id, actor, member, body, idempotency_key, fingerprint }) => {
    const command = deductCommand(idempotency_key, { ...body, fingerprint, actor, member });
    return answerTransaction(await accounts.transact(account_id, command));
  });
