import { expect, test } from 'vitest';
import { cpuMicrosecondsOf, parseStat } from '../../bench/process-cpu.ts';

test('a line of /proc is read although the process name has brackets and spaces', () => {
  const fields = ['S', 7, ...Array.from({ length: 9 }, () => 1), 30, 12, 3, 2, 20];
  expect(parseStat(`42 (postgres: a) (b) ${fields.join(' ')}`)).toEqual({
    pid: 42,
    parent: 7,
    own_ticks: 42,
    children_ticks: 5,
  });
});

test('a server’s cost is that of its processes, ended ones included, and of no other', () => {
  const processes = [
    { pid: 1, parent: 0, own_ticks: 1_000, children_ticks: 0 },
    { pid: 7, parent: 1, own_ticks: 3, children_ticks: 2 },
    { pid: 8, parent: 7, own_ticks: 5, children_ticks: 0 },
  ];
  expect(cpuMicrosecondsOf(7, processes)).toBe(100_000);
});
