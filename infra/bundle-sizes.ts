import { functionBundle } from './function-bundles.ts';
import { function_names } from './functions.ts';

/**
 * Limits on what is deployed: the function of every deduction stays light, because its size is its
 * cold start.
 */
const CREDITS_LIMIT_KB = 420;
const CREDITS_WITHOUT = ['stripe'];

const lines: string[] = [];
for (const name of function_names) {
  const { code, packages } = functionBundle(name);
  const largest = packages.slice(0, 4).map(({ name, bytes }) => `${name} ${kilobytes(bytes)}`);
  lines.push(`${name.padEnd(18)} ${kilobytes(code.byteLength).padStart(6)} KB   ${largest.join(', ')}`);
}
process.stdout.write(`${lines.join('\n')}\n`);

const credits = functionBundle('credits');
const faults = credits.packages
  .filter(({ name }) => CREDITS_WITHOUT.includes(name))
  .map(({ name }) => `credits must not contain ${name}`);
if (credits.code.byteLength > CREDITS_LIMIT_KB * 1000) faults.push(`credits must stay under ${CREDITS_LIMIT_KB} KB`);
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exitCode = 1;
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(0);
}
