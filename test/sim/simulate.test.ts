import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { plants } from './plants.ts';
import { runSeeds } from './run-seeds.ts';
import { simulate } from './simulate.ts';

const main = join(import.meta.dirname, 'main.ts');
const run = (...options: string[]) => promisify(execFile)(process.execPath, [main, ...options]);

test('a few hundred months with faults break no invariant', async () => {
  expect((await runSeeds({ from: 1, seeds: 300 })).text).toMatch(
    /^300 seeds from 1: \d+ requests, \d+ events of Stripe's, \d+ commits, no violation$/,
  );
}, 300_000);

test('a seed is a run, event by event', async () => {
  const first = await simulate({ seed: 7 });
  expect(first.history.length).toBeGreaterThan(100);
  expect((await simulate({ seed: 7 })).history).toEqual(first.history);
});

test.each(plants)(
  'it finds: $name',
  async ({ name }) => {
    await expect(run('--seeds', '150', '--plant', name)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^seed \d+ [\s\S]*Violation: I\d/),
    });
  },
  120_000,
);
