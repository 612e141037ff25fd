import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded by a test: billing.config.ts is read with a mistake in it. */
registerHooks({
  load(url, context, next) {
    if (!url.endsWith('/billing.config.ts')) return next(url, context);
    const source = readFileSync(new URL(url), 'utf8').replace(/monthly_credits: [\d_]+/, 'monthly_credits: -1');
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
