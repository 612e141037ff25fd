import { createHash } from 'node:crypto';
import { admin_routes } from '../../shared/api/admin-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { answerOnce } from '../answer-once.ts';
import type { AdminDeps } from './deps.ts';

/** The owner of these requests: the operators of the system, not an account. */
const account_id = 'admin';

/**
 * POST /api/admin/reconcile. The request's key makes the run's id, so a request that comes twice
 * starts one run.
 */
export const startReconciliation = ({ database, reconciliations }: AdminDeps) =>
  serve(admin_routes.start_reconciliation, (request) =>
    answerOnce({ database }, admin_routes.start_reconciliation, { ...request, account_id }, async () => {
      const run_id = createHash('sha256').update(request.idempotency_key).digest('base64url').slice(0, 22);
      await reconciliations.send({ kind: 'begin', run_id, scope: 'all' });
      return { run_id };
    }),
  );
