import { admin_routes } from '../../shared/api/admin-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { type Instant, toIso } from '../../shared/domain/units.ts';
import { getReconciliation } from '../../shared/store/reconciliation.ts';
import type { AdminDeps } from './deps.ts';

/** GET /api/admin/reconcile */
export const getLatestReconciliation = ({ database }: AdminDeps) =>
  serve(admin_routes.reconciliation, async () => {
    const known = await getReconciliation(database);
    if (known === null) return { body: { events_through: null, compared_at: null, report: null } };
    const { started_at, finished_at, ...found } = known.report;
    return {
      body: {
        events_through: toIso(known.events_through),
        compared_at: isoOrNull(known.compared_at),
        report: { ...found, started_at: toIso(started_at), finished_at: toIso(finished_at) },
      },
    };
  });

function isoOrNull(at: Instant | null): string | null {
  return at === null ? null : toIso(at);
}
