import { holds_routes } from '../../shared/api/holds-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { decideRelease } from '../../shared/domain/spend/decide-release.ts';
import type { Deps } from '../composition.ts';

/** POST /api/credits/holds/{hold_id}/release */
export const releaseHold = ({ accounts }: Deps) =>
  serve(holds_routes.release, async ({ account_id, actor, user, params: { hold_id } }) => {
    const { replayed } = await accounts.transact(account_id, {
      entry_id: `release:${hold_id}`,
      fingerprint: null,
      decide: decideRelease({ hold_id, actor, user }),
    });
    return { body: { hold_id, status: 'released' } as const, replayed };
  });
