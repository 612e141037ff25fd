import { createHash } from 'node:crypto';
import { admin_routes } from '../../shared/api/admin-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { answerOnce } from '../answer-once.ts';
import type { AdminParts } from './api.ts';

/** Whose requests these are: those of the system's operators, not of an account. */
const account_id = 'admin';

/** POST /api/admin/reconcile. The run has its id from the request's key: a request that comes twice starts one. */
export const startReconciliation = ({ database, reconciliations }: AdminParts) =>
  serve(admin_routes.start_reconciliation, (request) =>
    answerOnce({ database }, admin_routes.start_reconciliation, { ...request, account_id }, async () => {
      const run_id = createHash('sha256').update(request.idempotency_key).digest('base64url').slice(0, 22);
      await reconciliations.send({ kind: 'begin', run_id, scope: 'all' });
      return { run_id };
    }),
  );
