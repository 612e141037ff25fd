import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plants } from './plants.ts';
import { runSeeds } from './run-seeds.ts';
import { runWithPlant, violation } from './run-with-plant.ts';
import { simulate } from './simulate.ts';

test('some dozen simulated months with faults break no invariant', async () => {
  expect((await runSeeds({ from: 1, seeds: 40 })).text).toMatch(
    /^40 seeds from 1, no violation: \d+ operations with \d+ requests, \d+ events of Stripe's, \d+ commits; answers 2xx \d+, 4xx \d+, 5xx \d+, none \d+; faults lost [1-9]/,
  );
}, 300_000);

/** One of few organisations, and a crowded one. */
test.each([2, 7])('one seed gives one run, event by event: %i', async (seed) => {
  const first = await simulate({ seed });
  expect(first.history.length).toBeGreaterThan(100);
  expect((await simulate({ seed })).history).toEqual(first.history);
});

test('the simulation finds a planted fault', async () => {
  expect(await runWithPlant('no version condition', '--no-shorten')).toMatchObject(violation);
}, 300_000);

test.each(plants)('the source still has the place of the planted fault: $name', ({ file, from }) => {
  expect(readFileSync(join(import.meta.dirname, '../../..', file), 'utf8')).toContain(from);
});
