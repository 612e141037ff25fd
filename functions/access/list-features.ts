import { access_routes } from '../../shared/api/access-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { featurePlan, featuresOf } from '../../shared/domain/access/features.ts';
import { statusOf } from '../../shared/domain/account/account.ts';
import type { Deps } from '../composition.ts';

/** GET /api/features */
export const listFeatures = ({ accounts, catalog }: Deps) =>
  serve(access_routes.features, async ({ account_id }) => {
    const { account, now } = await accounts.read(account_id);
    const { all, features } = featuresOf(account, catalog, now);
    const plan = featurePlan(account, catalog, now).id;
    return { body: { plan, status: statusOf(account), all, features: [...features] } };
  });
