import { access_routes } from '../../shared/api/access-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { decideFeatureOverride } from '../../shared/domain/access/decide-feature-override.ts';
import type { Deps } from '../composition.ts';

/** DELETE /api/accounts/{account_id}/features/{feature} */
export const deleteFeatureOverride = ({ accounts }: Deps) =>
  serve(access_routes.delete_feature_override, async ({ account_id, params: { feature } }) => {
    await accounts.transact(account_id, {
      entry_id: null,
      fingerprint: null,
      decide: decideFeatureOverride({ feature, override: null }),
    });
    return { body: { feature, allowed: null, expires_at: null } };
  });
