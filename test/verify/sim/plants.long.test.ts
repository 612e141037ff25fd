import { expect, test } from 'vitest';
import { plants } from './plants.ts';
import { runWithPlant, violation } from './run-with-plant.ts';

test.each(plants)(
  'the simulation finds the planted fault: $name',
  async ({ name }) => {
    expect(await runWithPlant(name, '--seeds', '150', '--no-shorten')).toMatchObject(violation);
  },
  600_000,
);

test('a violation is reported by the shortest history that was found', async () => {
  const fault = 'refund not cumulative';
  const [shortest, whole] = [await runWithPlant(fault), await runWithPlant(fault, '--no-shorten')];
  expect([shortest, whole]).toMatchObject([violation, violation]);
  expect(JSON.stringify(shortest).length).toBeLessThan(JSON.stringify(whole).length / 2);
}, 600_000);
