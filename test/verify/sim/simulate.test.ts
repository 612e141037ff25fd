import { expect, test } from 'vitest';
import { runNode } from '../../run-node.ts';
import { plants } from './plants.ts';
import { runSeeds } from './run-seeds.ts';
import { simulate } from './simulate.ts';

const run = (...options: string[]) => runNode(['test/verify/sim/main.ts', ...options], {});

test('a few hundred simulated months with faults break no invariant', async () => {
  expect((await runSeeds({ from: 1, seeds: 300 })).text).toMatch(
    /^300 seeds from 1, no violation: \d+ operations with \d+ requests, \d+ events of Stripe's, \d+ commits; answers 2xx \d+, 4xx \d+, 5xx \d+, none \d+; faults lost [1-9]/,
  );
}, 600_000);

/** One of few organisations, and a crowded one. */
test.each([2, 7])('one seed gives one run, event by event: %i', async (seed) => {
  const first = await simulate({ seed });
  expect(first.history.length).toBeGreaterThan(100);
  expect((await simulate({ seed })).history).toEqual(first.history);
});

const violation = { code: 1, stdout: expect.stringMatching(/^seed \d+ [\s\S]*Violation: I\d/) };

test.each(plants)(
  'the simulation finds the planted fault: $name',
  async ({ name }) => {
    expect(await run('--seeds', '150', '--plant', name, '--no-shorten')).toMatchObject(violation);
  },
  300_000,
);

test('a violation is reported by the shortest history that was found', async () => {
  const found = (...options: string[]) => run('--plant', 'refund not cumulative', ...options);
  const [shortest, whole] = [await found(), await found('--no-shorten')];
  expect([shortest, whole]).toMatchObject([violation, violation]);
  expect(JSON.stringify(shortest).length).toBeLessThan(JSON.stringify(whole).length / 2);
}, 300_000);
