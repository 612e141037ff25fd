import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTurns } from '../../bench/in-turns.ts';
import { type Way, ways } from '../../bench/postgres/deduct.ts';
import { missingPostgres } from '../../bench/postgres/installation.ts';
import {
  createTables,
  lostCredits,
  openAccounts,
  opening_credits,
  readState,
  type State,
} from '../../bench/postgres/ledger.ts';
import { type Library, openLibrary } from '../../bench/postgres/library.ts';
import { type Postgres, startPostgres } from '../../bench/postgres/server.ts';

const callers = 8;

test('the ledger’s deductions that the balance still has are counted as lost', () => {
  expect(lostCredits({ balance: opening_credits - 3, deducted: 10 })).toBe(7);
});

const missing = missingPostgres();

/** Registers the tests that need a server, or one skipped test that says why there is none. */
const describeOnServer = (tests: () => void) =>
  missing === null
    ? describe('on a server of its own', tests)
    : test.skip(`on a server of its own: ${missing}`, () => undefined);

describeOnServer(() => {
  let server: Postgres;
  let library: Library;

  beforeAll(async () => {
    server = await startPostgres();
    library = await openLibrary(server, callers);
    await createTables(await server.connect());
  });

  afterAll(() => server.close());

  /** What is lost when 8 callers deduct 50 times each from one account, at once. */
  async function lostBy(deduct: (caller: number) => Promise<void>, stateAfter: () => Promise<State>): Promise<number> {
    await Promise.all(
      Array.from({ length: callers }, async (_, caller) => {
        for (let n = 0; n < 50; n += 1) await deduct(caller);
      }),
    );
    const state = await stateAfter();
    expect(state.deducted).toBe(50 * callers);
    return lostCredits(state);
  }

  async function lostByWay(way: Way): Promise<number> {
    const clients = await Promise.all(Array.from({ length: callers }, () => server.connect()));
    const clientOf = inTurns(clients, callers);
    const admin = await server.connect();
    const [hot = ''] = await openAccounts(admin, 1);
    return lostBy(
      (caller) => ways[way](clientOf(caller), hot, 1),
      () => readState(admin, hot),
    );
  }

  test('read, check and update loses credits', async () => {
    expect(await lostByWay('naive')).toBeGreaterThan(0);
  });

  test.each(['row_lock', 'statement'] as const)('%s loses none', async (way) => {
    expect(await lostByWay(way)).toBe(0);
  });

  describe('the library', () => {
    test('loses none', async () => {
      const [hot = ''] = await library.openAccounts(1);
      expect(
        await lostBy(
          () => library.deduct(hot, 1),
          () => library.readState(hot),
        ),
      ).toBe(0);
    });

    test('deducts once under a key, and refuses the second time', async () => {
      const [account_id = ''] = await library.openAccounts(1);
      await library.deduct(account_id, 1, 'the key');
      await expect(library.deduct(account_id, 1, 'the key')).rejects.toThrow('already processed');
      expect(await library.readState(account_id)).toEqual({ balance: opening_credits - 1, deducted: 1 });
    });

    test('gives out more than there is to callers that look at the same time', async () => {
      // As many at once as there are connections, which are then open.
      const [account_id = ''] = await library.openAccounts(callers, 1);
      await Promise.allSettled(Array.from({ length: callers }, () => library.deduct(account_id, 1)));
      const { balance, deducted } = await library.readState(account_id);
      expect(balance).toBeLessThan(0);
      expect(deducted).toBe(1 - balance);
    });
  });
});
