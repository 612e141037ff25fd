import { availableParallelism } from 'node:os';
import { configDefaults, defineConfig } from 'vitest/config';
import { node_options } from './test/node-options.ts';

// Tests read test/billing.config.ts in the place of billing.config.ts: those that Vite loads, and every process that they start.
process.env.NODE_OPTIONS = node_options;

export default defineConfig({
  ssr: { resolve: { conditions: ['billing-test'] } },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    // They run for minutes: npm run verify.
    exclude: [...configDefaults.exclude, 'test/verify/**/*.long.test.ts'],
    provide: { is_thorough: false },
    // Loading the SDKs takes longer than most tests: the files of one worker share what is loaded.
    isolate: false,
    // Vitest would leave a core free, which on two cores is half of the machine.
    maxWorkers: availableParallelism(),
    globalSetup: ['test/engines/start-engines.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    reporters: ['default'],
  },
});
