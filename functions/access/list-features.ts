import { routes } from '../../shared/api/routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { statusOf } from '../../shared/domain/account.ts';
import { featurePlan } from '../../shared/domain/features.ts';
import { type Catalog, planHasFeature } from '../../shared/domain/plan.ts';
import type { Parts } from '../composition.ts';

/** GET /api/features */
export const listFeatures = ({ accounts, catalog }: Parts) =>
  serve(routes.features, async ({ account_id }) => {
    const { account, now } = await accounts.read(account_id);
    const plan = featurePlan(account, catalog, now);
    return {
      body: {
        plan: plan.id,
        status: statusOf(account),
        all: plan.features.includes('*'),
        features: namedFeatures(catalog).filter((feature) => planHasFeature(plan, feature)),
      },
    };
  });

/** Every feature that any plan names: a plan that has all of them shows these. */
function namedFeatures(catalog: Catalog): string[] {
  const names = new Set(catalog.plans.flatMap((plan) => plan.features));
  names.delete('*');
  return [...names];
}
