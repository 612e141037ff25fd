import { access_routes } from '../../shared/api/access-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { utcDay } from '../../shared/domain/units.ts';
import { usageRecorder } from '../../shared/store/usage.ts';
import type { Deps } from '../composition.ts';

/** POST /api/usage */
export const recordUsage = ({ accounts, database, pace }: Deps) => {
  const record = usageRecorder(database, pace);
  return serve(access_routes.record_usage, async ({ account_id, body, idempotency_key, fingerprint, now }) => {
    // The read opens a new account, so that it is remembered.
    await accounts.read(account_id);
    const use = { account_id, ...body, day: utcDay(now), idempotency_key, fingerprint };
    const { feature, date, count, replayed } = await record(use);
    return { body: { feature, date, count }, replayed };
  });
};
