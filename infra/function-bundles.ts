import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import { defineBilling } from '../shared/config/billing-config.ts';
import { type FunctionName, function_names, functions } from './functions.ts';

/** The repository's root: entries and packages are found from here. */
const PROJECT_ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

export const FUNCTIONS_FOLDER = join(PROJECT_ROOT, 'functions');

/**
 * Ways to find credentials that the SDK tries only if the environment holds none, and loads only
 * then. On Lambda the environment always holds them. They are a quarter of a bundle, so they stay
 * outside. Everything else of the SDK is bundled, so what was tested is what runs.
 */
const CREDENTIALS_OF_OTHER_MACHINES = [
  ...['sso', 'ini', 'process', 'web-identity', 'http'].map((provider) => `@aws-sdk/credential-provider-${provider}`),
  '@smithy/credential-provider-imds',
];

/** How a function is bundled: CommonJS from ES sources loads fastest on Lambda. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  mainFields: ['module', 'main'],
  external: CREDENTIALS_OF_OTHER_MACHINES,
} satisfies BuildOptions;

export interface FunctionBundle {
  readonly name: FunctionName;
  /** The minified CommonJS module: what is deployed as index.js. */
  readonly code: Uint8Array;
  /** npm packages of which at least a byte is in the code, largest first. */
  readonly packages: readonly { name: string; bytes: number }[];
}

let bundles: Map<FunctionName, FunctionBundle> | undefined;

/**
 * The bundle of one function. The first call builds all functions in one run of esbuild:
 * NodejsFunction starts esbuild through npx once per function, which takes longer than the bundling
 * itself.
 */
export function functionBundle(name: FunctionName): FunctionBundle {
  bundles ??= buildFunctions();
  const bundle = bundles.get(name);
  if (!bundle) throw new Error(`no bundle was built for the function ${name}`);
  return bundle;
}

/** Writes a function's bundle as `index.js` into a directory, and makes the directory if needed. */
export function writeFunctionBundle(name: FunctionName, directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'index.js'), functionBundle(name).code);
}

function buildFunctions(): Map<FunctionName, FunctionBundle> {
  const folder = mkdtempSync(join(tmpdir(), 'billing-credits-bundles-'));
  try {
    return bundleOver(writeCheckedConfig(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Writes what billing.config.ts exports, as checked, into a file of its own. Bundles get this file
 * instead of the configuration with its schema, so that no function checks again at a cold start
 * what the synthesis has checked.
 */
function writeCheckedConfig(folder: string): string {
  const { default: exported } = createRequire(import.meta.url)('#billing-config');
  const file = join(folder, 'billing-config.json');
  writeFileSync(file, JSON.stringify(defineBilling(exported)));
  return file;
}

function bundleOver(checked_config: string): Map<FunctionName, FunctionBundle> {
  const { outputFiles, metafile } = buildSync({
    ...BUNDLE_OPTIONS,
    alias: { '#billing-config': checked_config },
    absWorkingDir: PROJECT_ROOT,
    entryPoints: function_names.map((name) => ({ in: functions[name].entry, out: name })),
    outdir: 'bundles',
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  return new Map(
    function_names.map((name) => {
      const file = `bundles/${name}.js`;
      const code = outputFiles.find(({ path }) => path === join(PROJECT_ROOT, file))?.contents;
      const inputs = metafile.outputs[file]?.inputs;
      if (!code || !inputs) throw new Error(`esbuild gave no output for ${functions[name].entry}`);
      return [name, { name, code, packages: bytesPerPackage(inputs) }];
    }),
  );
}

function bytesPerPackage(inputs: Record<string, { bytesInOutput: number }>): { name: string; bytes: number }[] {
  const bytes_by_name = new Map<string, number>();
  for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
    if (name && bytesInOutput > 0) bytes_by_name.set(name, (bytes_by_name.get(name) ?? 0) + bytesInOutput);
  }
  return [...bytes_by_name].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}
