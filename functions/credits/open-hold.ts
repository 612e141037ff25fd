import { holds_routes } from '../../shared/api/holds-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { toOpenedHold } from '../../shared/api/to-hold.ts';
import { holdIdOf } from '../../shared/domain/account/hold.ts';
import { decideHold } from '../../shared/domain/spend/decide-hold.ts';
import type { Deps } from '../composition.ts';
import { ownEntry } from './answer-transaction.ts';

/** POST /api/credits/holds */
export const openHold = ({ accounts }: Deps) =>
  serve(holds_routes.hold, async ({ account_id, actor, user, member, body, idempotency_key, fingerprint }) => {
    const hold_id = holdIdOf(account_id, idempotency_key);
    const { expires_in: expires_in_s, ...spend } = body;
    const open = { ...spend, hold_id, expires_in_s, fingerprint, actor, user, member };
    const { entry, replayed } = await accounts.transact(account_id, {
      entry_id: `hold:${hold_id}`,
      fingerprint,
      decide: decideHold(open),
    });
    return { body: toOpenedHold(ownEntry(entry)), replayed };
  });
