import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');

async function sourcesOf(folder: string): Promise<string[]> {
  const files = await readdir(join(root, folder), { recursive: true });
  return files.filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file.split(sep).join('/')}`);
}

let inputs: Metafile['inputs'];

beforeAll(async () => {
  const entryPoints = [...(await sourcesOf('shared')), ...(await sourcesOf('functions'))];
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    outdir: 'unused',
    packages: 'external',
  });
  inputs = metafile.inputs;
});

/** What the files of a folder import: paths from the root, or names of packages. Types are not among them. */
function importsOf(folder: string): { file: string; imported: string }[] {
  return Object.entries(inputs)
    .filter(([file]) => file.startsWith(`${folder}/`))
    .flatMap(([file, { imports }]) =>
      imports.map(({ path }) => ({ file, imported: relative(root, join(root, path)) })),
    );
}

describe('imports point one way', () => {
  test('shared/domain imports nothing but itself, the calendar and the hash', () => {
    const allowed = /^(shared\/domain\/|date-fns\/|@date-fns\/utc\/|canonicalize$|node:crypto$)/;
    expect(importsOf('shared/domain').filter(({ imported }) => !allowed.test(imported))).toEqual([]);
  });

  test.each(['shared/store', 'shared/stripe', 'shared/api', 'shared/config'])('%s imports no function', (folder) => {
    expect(importsOf(folder).filter(({ imported }) => imported.startsWith('functions/'))).toEqual([]);
  });

  test('a function imports shared, the configuration and its own folder only', () => {
    const foreign = importsOf('functions').filter(({ file, imported }) => {
      const [, own = ''] = file.split('/');
      return (
        imported.startsWith('functions/') && imported.split('/').length > 2 && !imported.startsWith(`functions/${own}/`)
      );
    });
    expect(foreign).toEqual([]);
  });
});

describe('one place', () => {
  async function filesWith(pattern: RegExp): Promise<string[]> {
    const files = [...(await sourcesOf('shared')), ...(await sourcesOf('functions'))];
    const found = await Promise.all(
      files.map(async (file) => (pattern.test(await readFile(join(root, file), 'utf8')) ? [file] : [])),
    );
    return found.flat();
  }

  test('reads the environment', async () => {
    expect(await filesWith(/process\.env/)).toEqual(['shared/environment.ts']);
  });

  test('reads the clock', async () => {
    expect(await filesWith(/Date\.now|new Date\(\)|performance\.now/)).toEqual(['functions/process.ts']);
  });

  test('takes chance', async () => {
    expect(await filesWith(/Math\.random|randomUUID|randomBytes/)).toEqual(['functions/composition.ts']);
  });
});
