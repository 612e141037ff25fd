import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { type Template, templateSchema } from './template.ts';

/** A CDK app: a program that Node runs. */
export interface CdkApp {
  /** The project's folder, with cdk.json and node_modules. */
  dir: string;
  /** The program's path in that folder. */
  entry: string;
  /** The program's environment. */
  environment: Readonly<Record<string, string | undefined>>;
}

export interface SynthesizeOptions {
  app: CdkApp;
  /** The folder for the cloud assembly. */
  out_dir: string;
  /** CDK context. It overrides that of cdk.json. */
  context: Record<string, unknown>;
  /** False leaves out the functions' code, for callers that only want the template. */
  bundle: boolean;
  /** Stops the app. */
  signal?: AbortSignal;
}

/** A synthesized stack: its template and the folder of each built asset. */
export interface Synthesized {
  template: Template;
  /** Folder of the asset that a function names by `Code.S3Key`. */
  asset_dirs: Record<string, string>;
}

/**
 * The CDK app refused. The message is what it said; for a wrong configuration that names the field.
 */
export class SynthesisFailed extends Error {
  constructor(output: string) {
    super(`the CDK app could not be synthesized:\n${output.trim()}`);
    this.name = 'SynthesisFailed';
  }
}

/** The import conditions of this process. The app resolves its imports in the same way. */
const conditions = process.execArgv.filter((option) => option.startsWith('--conditions='));

const cdkSchema = z.object({ context: z.record(z.string(), z.unknown()).default({}) });
const manifestSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string().optional(), packaging: z.string().optional() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

/** Runs the CDK app and reads what it wrote. Throws `SynthesisFailed`. */
export async function synthesize(options: SynthesizeOptions): Promise<Synthesized> {
  const { app, out_dir, context, bundle, signal } = options;
  const configured = cdkSchema.parse(JSON.parse(await readFile(join(app.dir, 'cdk.json'), 'utf8')));
  const bundling = bundle ? {} : { 'aws:cdk:bundling-stacks': [] };
  await runApp(app, out_dir, { ...configured.context, ...context, ...bundling }, signal);
  return readAssembly(out_dir);
}

function runApp(
  { dir, entry, environment }: CdkApp,
  out_dir: string,
  context: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const bin = join(dir, 'node_modules/.bin');
  const child = spawn(process.execPath, [...conditions, join(dir, entry)], {
    cwd: dir,
    env: {
      ...environment,
      PATH: [bin, environment.PATH].join(delimiter),
      CDK_OUTDIR: out_dir,
      CDK_CONTEXT_JSON: JSON.stringify(context),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  let output = '';
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => (code === 0 ? done() : fail(new SynthesisFailed(output))));
  });
}

async function readAssembly(out_dir: string): Promise<Synthesized> {
  const names = await readdir(out_dir);
  const [template_name, ...others] = names.filter((name) => name.endsWith('.template.json'));
  if (template_name === undefined || others.length > 0) {
    throw new SynthesisFailed(`expected one stack in ${out_dir}, found ${others.length + (template_name ? 1 : 0)}`);
  }
  const stack = template_name.slice(0, -'.template.json'.length);
  const template = templateSchema.parse(JSON.parse(await readFile(join(out_dir, template_name), 'utf8')));
  const manifest = manifestSchema.parse(JSON.parse(await readFile(join(out_dir, `${stack}.assets.json`), 'utf8')));
  const asset_dirs: Record<string, string> = {};
  for (const { source, destinations } of Object.values(manifest.files)) {
    if (source.path === undefined || source.packaging !== 'zip') continue;
    for (const { objectKey } of Object.values(destinations)) asset_dirs[objectKey] = resolve(out_dir, source.path);
  }
  return { template, asset_dirs };
}
