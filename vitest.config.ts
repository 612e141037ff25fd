import { defineConfig } from 'vitest/config';
import { node_options } from './test/node-options.ts';

// Tests read test/billing.config.ts in the place of billing.config.ts: those that Vite loads, and every process that they start.
process.env.NODE_OPTIONS = node_options;

export default defineConfig({
  ssr: { resolve: { conditions: ['billing-test'] } },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    globalSetup: ['test/engines/start-engines.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
  },
});
