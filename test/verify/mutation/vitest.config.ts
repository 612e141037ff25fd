import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Most mutants die by an example, in no time: files with properties come after those without. */
class ExamplesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const properties = (file: TestSpecification) => Number(readFileSync(file.moduleId, 'utf8').includes('fast-check'));
    return files.toSorted((a, b) => properties(a) - properties(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/**
 * The domain's tests alone, which need no database: what `npm run mutation` runs against each
 * mutant.
 */
export default defineConfig({
  test: {
    include: ['test/domain/**/*.test.ts'],
    setupFiles: ['test/verify/mutation/steady-properties.ts'],
    sequence: { sequencer: ExamplesFirst },
    isolate: false,
    testTimeout: 60_000,
  },
});
