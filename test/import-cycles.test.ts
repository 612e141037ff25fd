import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, posix, sep } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const folders = ['shared', 'functions', 'infra', 'local', 'packages', 'bench', 'test'];

/** Files by the files of this project that they import, types included. */
type Imports = ReadonlyMap<string, readonly string[]>;

async function readImports(): Promise<Imports> {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: true });
      return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name.split(sep).join('/')}`);
    }),
  );
  const files = found.flat().filter((file) => !file.includes('/node_modules/'));
  const imports = files.map(async (file) => {
    const source = await readFile(join(root, file), 'utf8');
    return [file, importsIn(source).map((path) => posix.join(dirname(file), path))] as const;
  });
  return new Map(await Promise.all(imports));
}

/** The relative paths that a source imports or exports from. */
function importsIn(source: string): string[] {
  return [...source.matchAll(/(?:\bfrom |\bimport |\bimport\()'(\.[^']*)'/g)].flatMap(([, path]) => path ?? []);
}

/**
 * Groups of files that reach each other (Tarjan's strongly connected components of more than one
 * file).
 */
function cyclesOf(imports: Imports): string[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[] = [];
  function visit(file: string): number {
    const place = order.size;
    order.set(file, place);
    open.push(file);
    let low = place;
    for (const imported of imports.get(file) ?? []) {
      if (!imports.has(imported)) continue;
      if (!order.has(imported)) low = Math.min(low, visit(imported));
      else if (open.includes(imported)) low = Math.min(low, lowest.get(imported) ?? order.get(imported) ?? place);
    }
    lowest.set(file, low);
    if (low === place) {
      const group = open.splice(open.indexOf(file));
      if (group.length > 1) cycles.push(group.toSorted().join(', '));
    }
    return low;
  }
  for (const file of imports.keys()) if (!order.has(file)) visit(file);
  return cycles.toSorted();
}

test('no files import each other in a circle, not even for their types', async () => {
  expect(cyclesOf(await readImports())).toEqual([]);
});

test('a circle is found: through types, through re-exports and through others', () => {
  const sources = {
    'a/one.ts': "import type { Two } from './two.ts';",
    'a/two.ts': "export { three } from '../b/three.ts';\nimport 'node:fs';",
    'b/three.ts': "const { one } = await import('../a/one.ts');",
    'b/four.ts': "import { three } from './three.ts';",
  };
  const imports = new Map(
    Object.entries(sources).map(([file, source]) => [
      file,
      importsIn(source).map((path) => posix.join(dirname(file), path)),
    ]),
  );
  expect(cyclesOf(imports)).toEqual(['a/one.ts, a/two.ts, b/three.ts']);
});
