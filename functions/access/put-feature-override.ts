import { access_routes } from '../../shared/api/access-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { decideFeatureOverride } from '../../shared/domain/access/decide-feature-override.ts';
import { toIso } from '../../shared/domain/units.ts';
import type { Deps } from '../composition.ts';

/** PUT /api/accounts/{account_id}/features/{feature} */
export const putFeatureOverride = ({ accounts }: Deps) =>
  serve(access_routes.put_feature_override, async ({ account_id, params: { feature }, body }) => {
    const { allowed, expires_at = null } = body;
    await accounts.transact(account_id, {
      entry_id: null,
      fingerprint: null,
      decide: decideFeatureOverride({ feature, override: { allowed, expires_at } }),
    });
    return { body: { feature, allowed, expires_at: expires_at === null ? null : toIso(expires_at) } };
  });
