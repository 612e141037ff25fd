import { describe, expect, test } from 'vitest';
import { type Way, ways } from '../../bench/postgres/deduct.ts';
import { missingPostgres } from '../../bench/postgres/installation.ts';
import { createTables, lostCredits, openAccounts, opening_credits, readState } from '../../bench/postgres/ledger.ts';
import { startPostgres } from '../../bench/postgres/server.ts';
import { cpuMicrosecondsOf, parseStat } from '../../bench/postgres/server-cpu.ts';

test('a line of /proc is read behind a name with brackets and spaces', () => {
  const fields = ['S', 7, ...Array.from({ length: 9 }, () => 1), 30, 12, 3, 2, 20];
  expect(parseStat(`42 (postgres: a) (b) ${fields.join(' ')}`)).toEqual({
    pid: 42,
    parent: 7,
    own_ticks: 42,
    children_ticks: 5,
  });
});

test('a server costs what its processes cost, those that have ended too, and nobody else', () => {
  const processes = [
    { pid: 1, parent: 0, own_ticks: 1_000, children_ticks: 0 },
    { pid: 7, parent: 1, own_ticks: 3, children_ticks: 2 },
    { pid: 8, parent: 7, own_ticks: 5, children_ticks: 0 },
  ];
  expect(cpuMicrosecondsOf(7, processes)).toBe(100_000);
});

test('what the ledger has deducted and the balance still has is lost', () => {
  expect(lostCredits({ balance: opening_credits - 3, deducted: 10 })).toBe(7);
});

describe.skipIf(missingPostgres() !== null)('on a server of its own', () => {
  /** What is lost when 8 connections deduct 50 times each from one account, at once. */
  async function lostBy(way: Way): Promise<number> {
    const server = await startPostgres();
    try {
      const admin = await server.connect();
      await createTables(admin);
      const [hot = ''] = await openAccounts(admin, 1);
      const clients = await Promise.all(Array.from({ length: 8 }, () => server.connect()));
      await Promise.all(
        clients.map(async (client) => {
          for (let n = 0; n < 50; n += 1) await ways[way](client, hot, 1);
        }),
      );
      const state = await readState(admin, hot);
      expect(state.deducted).toBe(400);
      return lostCredits(state);
    } finally {
      await server.close();
    }
  }

  test('read, check and update lose credits', async () => {
    expect(await lostBy('naive')).toBeGreaterThan(0);
  }, 60_000);

  test.each(['row_lock', 'statement'] as const)(
    '%s loses none',
    async (way) => {
      expect(await lostBy(way)).toBe(0);
    },
    60_000,
  );
});
