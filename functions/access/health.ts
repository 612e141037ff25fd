import { routes } from '../../shared/api/routes.ts';
import { serve } from '../../shared/api/serve.ts';

/** GET /api/health */
export const health = () => serve(routes.health, async () => ({ body: { status: 'ok' } as const }));
