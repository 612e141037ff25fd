import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded by a test: billing.config.ts is read with a mistake in it. */
registerHooks({
  load(url, context, next) {
    if (!url.endsWith('/billing.config.ts')) return next(url, context);
    const broken = readFileSync(new URL(url), 'utf8').replace(/monthly_credits: [\d_]+/, 'monthly_credits: -1');
    // In one of two ways the file exports what nothing has checked.
    const source = process.execArgv.some((arg) => arg.endsWith('?unchecked'))
      ? broken.replace('export default defineBilling({', 'export default ({')
      : broken;
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
