import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

const root = join(import.meta.dirname, '..');

async function sourcesOf(folder: string): Promise<string[]> {
  const files = await readdir(join(root, folder), { recursive: true });
  return files.filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file.split(sep).join('/')}`);
}

const manifest = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

let inputs: Metafile['inputs'];

beforeAll(async () => {
  const folders = ['shared', 'functions', 'infra', 'packages'];
  const entryPoints = (await Promise.all(folders.map(sourcesOf))).flat();
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

/**
 * What the files of a folder import: paths from the root, or names of packages. Types are not among
 * them.
 */
function importsOf(folder: string): { file: string; imported: string }[] {
  return Object.entries(inputs)
    .filter(([file]) => file.startsWith(`${folder}/`))
    .flatMap(([file, { imports }]) =>
      imports.map(({ path }) => ({ file, imported: relative(root, join(root, path)) })),
    );
}

/** What the files of a folder import of this project, types as well. */
async function typedImportsOf(folder: string): Promise<{ file: string; imported: string }[]> {
  const files = await sourcesOf(folder);
  const imports = files.map(async (file) => {
    const source = await readFile(join(root, file), 'utf8');
    return [...source.matchAll(/ from '(\.[^']+)'/g)].map(([, path = '']) => ({
      file,
      imported: relative(root, join(root, file, '..', path))
        .split(sep)
        .join('/'),
    }));
  });
  return (await Promise.all(imports)).flat();
}

describe('imports point one way', () => {
  test('shared/domain imports nothing but itself, the calendar and the hash', () => {
    const allowed = /^(shared\/domain\/|date-fns\/|@date-fns\/utc\/|canonicalize$|node:crypto$)/;
    expect(importsOf('shared/domain').filter(({ imported }) => !allowed.test(imported))).toEqual([]);
  });

  test('a chapter of shared/domain imports only from those before it, types too', async () => {
    const chapters = ['units', 'ledger', 'account', 'time', 'spend', 'billing', 'access'];
    const placeOf = (file: string) => Math.max(0, chapters.indexOf(file.split('/')[2] ?? ''));
    const last = chapters.indexOf('time');
    const backward = (await typedImportsOf('shared/domain')).filter(({ file, imported }) => {
      const [from, to] = [placeOf(file), placeOf(imported)];
      return to > from || (to > last && to !== from);
    });
    expect(backward).toEqual([]);
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

  const product = ['shared', 'functions', 'infra'];

  test.each(product)('%s imports nothing of local/ and no package of this project', (folder) => {
    expect(importsOf(folder).filter(({ imported }) => /^(local|packages|@billing-credits)\//.test(imported))).toEqual(
      [],
    );
  });

  test('a package imports its own folder and what its package.json names', async () => {
    const foreign = await Promise.all(
      (await readdir(join(root, 'packages'))).map(async (name) => {
        const { dependencies } = manifest.parse(
          JSON.parse(await readFile(join(root, 'packages', name, 'package.json'), 'utf8')),
        );
        const known = [`packages/${name}/`, 'node:', ...Object.keys(dependencies)];
        return importsOf(`packages/${name}/src`).filter(
          ({ imported }) => !known.some((one) => imported.startsWith(one)),
        );
      }),
    );
    expect(foreign.flat()).toEqual([]);
  });
});

/** The files of these folders whose source is so. */
async function filesWhere(folders: readonly string[], is_so: (source: string, file: string) => boolean) {
  const files = (await Promise.all(folders.map(sourcesOf))).flat();
  const sources = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  return files.filter((file, place) => is_so(sources[place] ?? '', file));
}

describe('one place', () => {
  const filesWith = (pattern: RegExp) => filesWhere(['shared', 'functions'], (source) => pattern.test(source));

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

describe('tests do not depend on billing.config.ts', () => {
  test('one test imports it, to say whether it is valid', async () => {
    const own = join(root, 'billing.config.ts');
    const imports = /(?:from |import\()'(\.[^']*)'/g;
    const importing = await filesWhere(['test', 'bench'], (source, file) =>
      [...source.matchAll(imports)].some(([, path = '']) => join(root, file, '..', path) === own),
    );
    expect(importing).toEqual(['test/config/own-billing-config.test.ts']);
  });

  test('Node is started by run-node.ts, which names the configuration of the tests', async () => {
    const starting = await filesWhere(['test'], (source) => /process\.execPath,/.test(source));
    expect(starting.toSorted()).toEqual(['test/run-node.ts']);
  });
});
