import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { BUNDLE_OPTIONS, functionBundle, writeFunctionBundle } from '../../infra/function-bundles.ts';
import { function_names } from '../../infra/functions.ts';
import type { Milliseconds } from '../../shared/domain/units.ts';
import { type Figure, figure, type Goal } from '../figure.ts';
import { rounds } from '../rounds.ts';

const imports_per_round = 3;
const rounds_measured = 3;

const kb_goals: Partial<Record<string, Goal>> = { credits: { at_most: 420 } };
const init_goals: Partial<Record<string, Goal>> = { credits: { at_most: 1.2 } };

/**
 * Each function's bundle: its size, and the time of its import by a fresh process, against a bundle
 * with only a document client.
 */
export async function measureFunctions(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'billing-credits-bench-'));
  try {
    const document_client = await writeDocumentClient(folder);
    for (const name of function_names) writeFunctionBundle(name, join(folder, name));
    const files = function_names.map((name) => join(folder, name, 'index.js'));
    const results = await rounds(async () => {
      const [base_ms = Number.NaN, ...times_ms] = fastestImports([document_client, ...files]);
      return times_ms.map((time_ms) => time_ms / base_ms);
    }, rounds_measured);
    return function_names.flatMap((name, place) => [
      figure(`bundle_kb.${name}`, [functionBundle(name).code.byteLength / 1000], kb_goals[name]),
      figure(
        `init.${name}`,
        results.map((ratios) => ratios[place] ?? Number.NaN),
        init_goals[name],
      ),
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const document_client_source = `
  import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
  import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
  export const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));`;

/** Bundled as the functions are. */
async function writeDocumentClient(folder: string): Promise<string> {
  const { outputFiles } = buildSync({
    ...BUNDLE_OPTIONS,
    stdin: { contents: document_client_source, resolveDir: import.meta.dirname },
    write: false,
  });
  const file = join(folder, 'document-client.js');
  await writeFile(file, outputFiles[0]?.contents ?? '');
  return file;
}

const import_source = `
  const began_at = performance.now();
  require(process.argv[1]);
  process.stdout.write(String(performance.now() - began_at));
  process.exit();`;

/**
 * The fastest of some imports of each file, in turns. The machine's other work can only make one
 * slower.
 */
function fastestImports(files: readonly string[]): Milliseconds[] {
  const turns = Array.from({ length: imports_per_round }, () => files.map(importTime));
  return files.map((_, place) => Math.min(...turns.map((times_ms) => times_ms[place] ?? Number.NaN)));
}

/** One import in a fresh process. */
function importTime(file: string): Milliseconds {
  const { status, stdout } = spawnSync(process.execPath, ['--eval', import_source, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} cannot be imported`);
  return Number(stdout);
}
