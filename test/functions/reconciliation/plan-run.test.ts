import { describe, expect, test } from 'vitest';
import { nothing_found, planRun } from '../../../functions/reconciliation/plan-run.ts';
import { rateLimit } from '../../../functions/reconciliation/rate-limit.ts';
import { test_now } from '../../engines/engines.ts';

const hour_ms = 3_600_000;
const day_ms = 24 * hour_ms;
const report = {
  run_id: 'r0',
  started_at: 0,
  finished_at: 0,
  ...nothing_found,
};

const plan = (events_ago_ms: number, compared_ago_ms: number, scope: 'due' | 'all' = 'due') => {
  const known = { events_through: test_now - events_ago_ms, compared_at: test_now - compared_ago_ms, report };
  return planRun({ run_id: 'r1', scope }, known, test_now).lists.map(({ list, since }) => [
    list,
    since === 0 ? 'all' : (test_now - since) / hour_ms,
  ]);
};
describe('a run reads', () => {
  // In hours.
  test('every hour: the events since the last one', () => {
    expect(plan(hour_ms, 2 * hour_ms)).toEqual([['events', 1.25]]);
  });

  test('every day: the subscriptions', () => {
    expect(plan(hour_ms, day_ms)).toEqual([
      ['events', 1.25],
      ['subscriptions', 'all'],
    ]);
  });

  test('on request: everything', () => {
    expect(plan(hour_ms, hour_ms, 'all')).toEqual([
      ['events', 30 * 24 - 1],
      ['subscriptions', 'all'],
      ['checkout_sessions', 35 * 24],
      ['refunds', 35 * 24],
      ['disputes', 180 * 24],
    ]);
  });

  test('everything since the last run, when Stripe no longer lists all events since', () => {
    expect(plan(60 * day_ms, hour_ms)).toEqual([
      ['events', 30 * 24 - 1],
      ['subscriptions', 'all'],
      ['checkout_sessions', 95 * 24],
      ['refunds', 95 * 24],
      ['disputes', 240 * 24],
    ]);
  });

  test('everything the first time', () => {
    expect(planRun({ run_id: 'r1', scope: 'due' }, null, test_now).lists).toHaveLength(5);
  });
});

describe('the rate limit', () => {
  /** When each of so many calls is let through, in milliseconds. */
  async function moments(calls_per_second: number, calls: number): Promise<number[]> {
    let now = test_now;
    const next_call = rateLimit(calls_per_second, {
      clock: () => now,
      wait: async (ms) => {
        now += ms;
      },
    });
    const at: number[] = [];
    for (let call = 0; call < calls; call += 1) {
      await next_call();
      at.push(Math.round(now - test_now));
    }
    return at;
  }

  test('lets one second’s worth through at once, and then as many as time brings', async () => {
    expect(await moments(4, 7)).toEqual([0, 0, 0, 0, 250, 500, 750]);
  });

  test('can be less than one call per second', async () => {
    expect(await moments(0.5, 3)).toEqual([0, 2_000, 4_000]);
  });
});
