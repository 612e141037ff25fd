import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/scenarios.md'), 'utf8');

/** The rows of the table under this heading: their names, and the tests that they name. */
function rowsOf(heading: string) {
  const [, after = ''] = page.split(`\n## ${heading}\n`);
  const [section = ''] = after.split('\n## ');
  const [, , ...rows] = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.map((row) => {
    const [, name = '', , tests = ''] = row.split('|').map((cell) => cell.trim());
    return { name, tests };
  });
}

const numbers = (count: number, prefix = '') => Array.from({ length: count }, (_, place) => `${prefix}${place + 1}`);
const invariants = rowsOf('The invariants');
const scenarios = rowsOf('The scenarios');
const elsewhere = rowsOf('What went wrong elsewhere');

test('the page has a row for each invariant, each scenario and each bug of others', () => {
  expect(invariants.map(({ name }) => name)).toEqual(numbers(8, 'I'));
  expect(scenarios.map(({ name }) => name)).toEqual(numbers(55));
  expect(elsewhere).toHaveLength(13);
  for (const { name } of elsewhere) expect(name).toMatch(/^`[\w-]+\/[\w-]+` #\d+$/);
});

describe.each([...invariants, ...scenarios, ...elsewhere])('$name', ({ tests }) => {
  test.each(tests.split('<br>'))('%s exists', (named) => {
    const [, file = '', title = ''] = /^`(.+?)` “(.+)”$/.exec(named) ?? [];
    expect(existsSync(join(root, file)) && file !== '', `${named} names no test file`).toBe(true);
    // As a test's title, or a part of one.
    const titles = readFileSync(join(root, file), 'utf8').match(/(?<=[('"`[ ])(['"`])(?:(?!\1).)+\1/g) ?? [];
    expect(titles.some((one) => one.includes(title))).toBe(true);
  });
});
