import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { anchorsOf, blocksOf, linksOf, readPage, readPages, root, tablesOf } from './pages.ts';
import { pastingProblems, variablesRead, variablesSet } from './shell.ts';

const pages = readPages();
const manifest = z.object({ scripts: z.record(z.string(), z.string()) });
const { scripts } = manifest.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

/** Set by every shell. */
const inherited = ['HOME', 'PATH', 'PWD'];

/** Folders of this project whose files the pages name. */
const named_file =
  /`((?:docs|shared|functions|infra|local|packages|bench|test|web|examples|\.ci|\.github)\/[\w./*-]+)(?::\d+)?`/g;

test('the pages are found', () => {
  expect(pages.map(({ file }) => file)).toEqual(
    expect.arrayContaining(['README.md', 'llms.txt', join('docs', 'get-started.md')]),
  );
});

describe.each(pages)('$file', (page) => {
  const { file, prose } = page;

  test('has shell blocks that paste into bash and zsh', () => {
    for (const { code } of blocksOf(page, 'sh'))
      expect({ code, problems: pastingProblems(code) }).toEqual({ code, problems: [] });
  });

  test('has shell blocks whose variables are set there, or in a block above', () => {
    const known = new Set(inherited);
    for (const { code } of blocksOf(page, 'sh')) {
      for (const name of variablesSet(code)) known.add(name);
      expect({ code, unknown: variablesRead(code).filter((name) => !known.has(name)) }).toEqual({ code, unknown: [] });
    }
  });

  test('has links within the project that resolve', () => {
    for (const target of linksOf(page).filter((link) => !/^[a-z]+:/.test(link))) {
      const [path = '', anchor] = target.split('#');
      const found = path === '' ? file : relative(root, join(root, dirname(file), path));
      expect({ target, exists: existsSync(join(root, found)) }).toEqual({ target, exists: true });
      if (anchor !== undefined)
        expect({ target, anchors: anchorsOf(readPage(found)) }).toEqual({
          target,
          anchors: expect.arrayContaining([anchor]),
        });
    }
  });

  test('has tables without an empty cell or one that says X', () => {
    for (const [header = [], , ...rows] of tablesOf(page)) {
      for (const row of [header.slice(1), ...rows]) {
        expect({ row, empty: row.filter((cell) => cell === '' || /^x+$/i.test(cell)) }).toEqual({ row, empty: [] });
      }
      for (const row of rows) expect({ row, cells: row.length }).toEqual({ row, cells: header.length });
    }
  });

  test('names files that exist', () => {
    const named = [...prose.matchAll(named_file)].map(([, path = '']) => path);
    expect(named.filter((path) => !path.includes('*') && !existsSync(join(root, path)))).toEqual([]);
  });

  test('names npm scripts that exist', () => {
    const named = [...page.text.matchAll(/npm run (?:--\w+ )*(\w+(?::\w+)*)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

describe('a shell block', () => {
  test.each([
    ['ls # all files', 'a comment'],
    ["# what isn't done", 'a quotation that is not closed'],
    ["echo it's Bob's", 'an apostrophe inside a word'],
    ['curl http://127.0.0.1/?a=1', 'a pattern outside of quotes'],
    ['echo [a]', 'a pattern outside of quotes'],
    ["echo 'a", 'a quotation that is not closed'],
  ])('is found to fail when pasted: %s', (code, problem) => {
    expect(pastingProblems(code)).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    `curl "http://a/?a=1" -d '{"a": [1]}'`,
    'echo "it\'s"',
    `sed 's/\\([^"]*\\)/\\1/'`,
    'if [ $? = 0 ]; then echo ok; fi',
  ])('pastes: %s', (code) => {
    expect(pastingProblems(code)).toEqual([]);
  });

  test('reads and sets variables', () => {
    expect(variablesRead('A=1; echo "$A $B" \'$C\' $1 "$@"')).toEqual(['A', 'B']);
    expect(variablesSet('A=1\nlocal b=2 && read -r C E\nexport D=$A')).toEqual(['A', 'b', 'D', 'C', 'E']);
  });
});
