import { expect, test } from 'vitest';
import { inParallel } from '../../functions/in-parallel.ts';

test('results come in the order of the items, and no more than so many are worked on at once', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  const work = (item: number) =>
    new Promise<number>((resolve) => {
      waiting.push(() => resolve(item * 2));
      most = Math.max(most, waiting.length);
    });
  const all = inParallel([1, 2, 3, 4, 5], 2, work);
  // The last that began ends first.
  while (waiting.length > 0) {
    waiting.pop()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await all).toEqual([2, 4, 6, 8, 10]);
  expect(most).toBe(2);
});

test('a failure rejects', async () => {
  await expect(inParallel([1, 2], 2, async (item) => Promise.reject(new Error(`${item}`)))).rejects.toThrow('1');
});
