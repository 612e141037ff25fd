import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const scenarios = 55;

/** The rows of the table of scenarios: number, and the tests that it names. */
const rows = readFileSync(join(root, 'docs/proof.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, number, tests = ''] = /^\| (\d+) +\| .*? \| (.*) \|$/.exec(line) ?? [];
    return number === undefined ? [] : [{ number: Number(number), tests }];
  });

test('the page has a row for each scenario', () => {
  expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: scenarios }, (_, place) => place + 1));
});

test.each(rows)('scenario $number names tests that exist', ({ tests }) => {
  const named = tests.split('<br>').map((one) => /^`(.+?)` “(.+)” *$/.exec(one.trim()));
  for (const match of named) {
    const [, file = '', title = ''] = match ?? [];
    expect(existsSync(join(root, file)), `${tests} names no test file`).toBe(true);
    expect(readFileSync(join(root, file), 'utf8')).toContain(title);
  }
});
