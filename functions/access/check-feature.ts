import { access_routes } from '../../shared/api/access-routes.ts';
import { Problem } from '../../shared/api/problem.ts';
import { serve } from '../../shared/api/serve.ts';
import { hasFeature, requiredPlans } from '../../shared/domain/access/features.ts';
import type { Deps } from '../composition.ts';

/** GET /api/features/{feature} */
export const checkFeature = ({ accounts, catalog }: Deps) =>
  serve(access_routes.feature, async ({ account_id, params: { feature } }) => {
    const { account, now } = await accounts.read(account_id);
    if (hasFeature(account, catalog, feature, now)) return { body: { feature, allowed: true } as const };
    const required_plans = requiredPlans(account, catalog, feature, now);
    throw new Problem('feature_not_in_plan', `Upgrade to access ${feature}`, { required_plans });
  });
