import { apiFunction } from '../../shared/api/serve.ts';
import type { Deps } from '../composition.ts';
import { checkFeature } from './check-feature.ts';
import { deleteFeatureOverride } from './delete-feature-override.ts';
import { health } from './health.ts';
import { listFeatures } from './list-features.ts';
import { listUsage } from './list-usage.ts';
import { openapi } from './openapi.ts';
import { putFeatureOverride } from './put-feature-override.ts';
import { recordUsage } from './record-usage.ts';

/**
 * The function that serves features, usage, health and the API's description, over the given
 * dependencies.
 */
export function accessApi(deps: Deps) {
  const served = [
    listFeatures,
    checkFeature,
    putFeatureOverride,
    deleteFeatureOverride,
    recordUsage,
    listUsage,
    health,
    openapi,
  ];
  return apiFunction(
    'access',
    served.map((route) => route(deps)),
    deps,
  );
}
