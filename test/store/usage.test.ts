import { expect, test } from 'vitest';
import type { Database } from '../../shared/store/database.ts';
import { listUsage, usageRecorder } from '../../shared/store/usage.ts';
import { describeOnEngines, freshAccountId, pace } from '../engines/engines.ts';
import { type Fault, faultyDatabase } from './faulty-database.ts';

const day = '2026-11-23';

describeOnEngines('usage', (database) => {
  const recorder = (by: Database) => {
    const record = usageRecorder(by, pace);
    return (account_id: string, key: string) =>
      record({ account_id, feature: 'export', day, count: 1, idempotency_key: key, fingerprint: 'f' });
  };
  const use = recorder(database);

  test('300 uses at once are counted as 300, each with its own count', async () => {
    const account_id = freshAccountId();
    const recorded = await Promise.all(Array.from({ length: 300 }, (_, n) => use(account_id, `${n}`)));
    expect(new Set(recorded.map(({ count }) => count)).size).toBe(300);
    const { rows } = await listUsage(database, account_id, { from: day, to: day });
    expect(rows).toEqual([{ date: day, feature: 'export', count: 300, credits: 0 }]);
  });

  test('one key 20 times at once counts once', async () => {
    const account_id = freshAccountId();
    const recorded = await Promise.all(Array.from({ length: 20 }, () => use(account_id, 'same')));
    expect(recorded.map(({ count }) => count)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(recorded.filter(({ replayed }) => !replayed)).toHaveLength(1);
  });

  test('of a process killed after any of its calls is counted once', async () => {
    const account_id = freshAccountId();
    const death = new Error('killed');
    /** Lives for so many calls; the last takes effect, and nobody hears of it. */
    const mortal = (calls: number) =>
      recorder(
        faultyDatabase(database, (call): Fault => {
          if (call < calls - 1) return null;
          return call === calls - 1 ? { after: death } : { before: death };
        }),
      );
    await use(account_id, 'before');
    let calls = 1;
    while ((await mortal(calls)(account_id, 'k').catch((error: unknown) => error)) === death) calls += 1;
    expect(calls).toBeGreaterThan(1);
    expect(await use(account_id, 'k')).toMatchObject({ replayed: true, count: 2 });
    expect((await listUsage(database, account_id, { from: day, to: day })).rows).toMatchObject([{ count: 2 }]);
  });
});
