import { access_routes } from '../../shared/api/access-routes.ts';
import { toOpenApi } from '../../shared/api/openapi.ts';
import { httpRoutes } from '../../shared/api/routes.ts';
import { serve } from '../../shared/api/serve.ts';

/** GET /api/openapi.json */
export const openapi = () => {
  let document: ReturnType<typeof toOpenApi> | undefined;
  return serve(access_routes.openapi, async () => {
    document ??= toOpenApi(httpRoutes());
    return { body: document };
  });
};
