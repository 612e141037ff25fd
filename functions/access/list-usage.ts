import { access_routes } from '../../shared/api/access-routes.ts';
import { serve } from '../../shared/api/serve.ts';
import { utcDay } from '../../shared/domain/units.ts';
import { listUsage as findUsage, type UsageRow } from '../../shared/store/usage.ts';
import type { Parts } from '../composition.ts';
import { toDayRange } from './day-range.ts';

/** GET /api/usage */
export const listUsage = ({ database }: Parts) =>
  serve(access_routes.usage, async ({ account_id, query: { feature, ...asked }, now }) => {
    const range = toDayRange(asked, utcDay(now));
    const data = await findUsage(database, account_id, { ...range, feature });
    return { body: { data, totals: totalsOf(data) } };
  });

/** Per feature, by name. */
function totalsOf(rows: readonly UsageRow[]) {
  const by_feature = Map.groupBy(rows, (row) => row.feature);
  return [...by_feature.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([feature, days]) => ({
      feature,
      count: days.reduce((sum, day) => sum + day.count, 0),
      credits: days.reduce((sum, day) => sum + day.credits, 0),
    }));
}
