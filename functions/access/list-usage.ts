import { access_routes } from '../../shared/api/access-routes.ts';
import { fromCursor, toCursor } from '../../shared/api/cursor.ts';
import { validationFailed } from '../../shared/api/problem.ts';
import { serve } from '../../shared/api/serve.ts';
import { utcDay } from '../../shared/domain/units.ts';
import { listUsage as findUsage, type UsageRow } from '../../shared/store/usage.ts';
import * as z from '../../shared/zod.ts';
import type { Deps } from '../composition.ts';
import { toDayRange } from './day-range.ts';

/** The days that are listed, and the counter after which the next page begins. */
const position_schema = z.tuple([z.string(), z.string(), z.string()]);

/** GET /api/usage */
export const listUsage = ({ database }: Deps) =>
  serve(access_routes.usage, async ({ account_id, query: { feature, cursor, ...asked }, now }) => {
    if (cursor !== undefined && (feature ?? asked.from ?? asked.to) !== undefined) {
      throw validationFailed({
        path: 'query.cursor',
        message: 'must stand alone: it holds the days of the first page',
      });
    }
    const [from, to, after] = cursor === undefined ? [] : fromCursor(position_schema, account_id, cursor);
    const range = from && to ? { from, to } : toDayRange(asked, utcDay(now));
    const { rows, next_after } = await findUsage(database, account_id, { ...range, feature, after });
    const next_cursor = next_after === null ? null : toCursor(account_id, [range.from, range.to, next_after]);
    return { body: { data: [...rows], totals: totalsOf(rows), next_cursor } };
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
