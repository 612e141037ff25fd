// @ts-check
/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/verify/mutation/vitest.config.ts', related: false },
  mutate: ['shared/domain/**/*.ts'],
  ignorePatterns: ['**', '!package.json', '!shared/**', '!test/**'],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  timeoutMS: 20_000,
  reporters: ['clear-text', 'progress', 'html', 'json'],
  thresholds: { high: 95, low: 90, break: 90 },
};
