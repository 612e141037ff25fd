import { describe, expect, test } from 'vitest';
import { type Way, ways } from '../../bench/postgres/deduct.ts';
import { missingPostgres } from '../../bench/postgres/installation.ts';
import { createTables, lostCredits, openAccounts, opening_credits, readState } from '../../bench/postgres/ledger.ts';
import { startPostgres } from '../../bench/postgres/server.ts';

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
