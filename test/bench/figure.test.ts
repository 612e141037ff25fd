import { expect, test } from 'vitest';
import { figure, isReached, median } from '../../bench/figure.ts';

test.each([
  [[3], 3],
  [[9, 1, 5], 5],
  [[4, 1, 2, 30], 3],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('a figure without a round is an error', () => {
  expect(() => figure('none', [])).toThrow('a median needs a value');
});

test('a figure has its range, and its median is compared with the goal', () => {
  const overhead = figure('handler_overhead', [1.3, 1.1, 1.2], { at_most: 1.2 });
  expect(overhead).toMatchObject({ median: 1.2, low: 1.1, high: 1.3, rounds: 3 });
  expect(isReached(overhead)).toBe(true);
  expect(isReached(figure('spread', [0.8, 0.9, 0.8], { at_least: 0.85 }))).toBe(false);
  expect(isReached(figure('bundle_kb.access', [400]))).toBeNull();
});
