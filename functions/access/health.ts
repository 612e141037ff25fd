import { access_routes } from '../../shared/api/access-routes.ts';
import { serve } from '../../shared/api/serve.ts';

/** GET /api/health */
export const health = () => serve(access_routes.health, async () => ({ body: { status: 'ok' } as const }));
