import { expect, test } from 'vitest';
import { listUsage, recordUsage } from '../../shared/store/usage.ts';
import { describeOnEngines, freshAccountId, pace } from '../engines/engines.ts';

const day = '2026-11-23';

describeOnEngines('usage', (database) => {
  const use = (account_id: string, key: string) =>
    recordUsage(
      database,
      { account_id, feature: 'export', day, count: 1, idempotency_key: key, fingerprint: 'f' },
      pace,
    );

  test('300 uses at once are 300, each with a count of its own', async () => {
    const account_id = freshAccountId();
    const recorded = await Promise.all(Array.from({ length: 300 }, (_, n) => use(account_id, `${n}`)));
    expect(new Set(recorded.map(({ count }) => count)).size).toBe(300);
    const rows = await listUsage(database, account_id, { from: day, to: day });
    expect(rows).toEqual([{ date: day, feature: 'export', count: 300, credits: 0 }]);
  });

  test('one key 20 times at once is one use', async () => {
    const account_id = freshAccountId();
    const recorded = await Promise.all(Array.from({ length: 20 }, () => use(account_id, 'same')));
    expect(recorded.map(({ count }) => count)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(recorded.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });
});
