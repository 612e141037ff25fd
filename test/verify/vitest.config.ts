import { defineConfig } from 'vitest/config';
import project from '../../vitest.config.ts';

/** The tests that take minutes, and every other test that sees more when it takes longer. */
export default defineConfig({
  ...project,
  test: {
    ...project.test,
    include: [
      'test/verify/**/*.test.ts',
      'test/functions/**/*.test.ts',
      'test/stripe/**/*.test.ts',
      'test/local-ledger/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**'],
    provide: { is_thorough: true },
  },
});
