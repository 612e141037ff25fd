import { compose } from '../../functions/composition.ts';
import { checkDeductions } from '../check-deductions.ts';
import { deductOne, openAccount } from '../deductions.ts';
import { inTurns } from '../in-turns.ts';
import { type Way, ways } from './deduct.ts';
import { createTables, lostCredits, openAccounts, readState, type State } from './ledger.ts';
import { openLibrary } from './library.ts';
import type { Postgres } from './server.ts';

/** How many callers deduct at the same time. */
export const callers = 32;
const spread_accounts = 1_000;

export type Call = (caller: number) => Promise<unknown>;

/** One way to deduct: by all callers from one account, and by each from accounts of its own. */
export interface Contestant {
  readonly hot: Call;
  readonly spread: Call;
  /**
   * How much of each credit that its hot account handed out is still there. Throws if its ledger
   * has more or fewer deductions than were made.
   */
  readonly lost: () => Promise<number>;
  /** The process id of its database, where that is known. */
  readonly server_pid: number | null;
}

/** The ways of `deduct.ts`, each with accounts of its own and one connection per caller. */
export async function classicContestants(server: Postgres): Promise<Record<Way, Contestant>> {
  const clients = await Promise.all(Array.from({ length: callers }, () => server.connect()));
  const clientOf = inTurns(clients, callers);
  const admin = await server.connect();
  await createTables(admin);
  const ofWay = async (way: Way): Promise<Contestant> => {
    const [hot = ''] = await openAccounts(admin, 1);
    const nextAccount = inTurns(await openAccounts(admin, spread_accounts), callers);
    return contestant({
      hot: (caller) => ways[way](clientOf(caller), hot, 1),
      spread: (caller) => ways[way](clientOf(caller), nextAccount(caller), 1),
      lostOf: async (deducted) => lostOf(await readState(admin, hot), deducted),
      server_pid: server.pid,
    });
  };
  return {
    naive: await ofWay('naive'),
    row_lock: await ofWay('row_lock'),
    statement: await ofWay('statement'),
  };
}

/** The library with its own tables, on the same server. */
export async function libraryContestant(server: Postgres): Promise<Contestant> {
  const library = await openLibrary(server, callers);
  const [hot = ''] = await library.openAccounts(1);
  const nextAccount = inTurns(await library.openAccounts(spread_accounts), callers);
  return contestant({
    hot: () => library.deduct(hot, 1),
    spread: (caller) => library.deduct(nextAccount(caller), 1),
    lostOf: async (deducted) => lostOf(await library.readState(hot), deducted),
    server_pid: server.pid,
  });
}

/** The store's own deduction, as in the families `hot-account` and `spread`. */
export async function ownContestant(server_pid: number | null): Promise<Contestant> {
  const { accounts, database } = compose('accounts', 'ledger');
  const hot = await openAccount(accounts);
  const opened = [];
  while (opened.length < spread_accounts) {
    opened.push(...(await Promise.all(Array.from({ length: callers }, () => openAccount(accounts)))));
  }
  const nextAccount = inTurns(opened, callers);
  return contestant({
    hot: () => accounts.transact(hot.account_id, deductOne()),
    spread: (caller) => accounts.transact(nextAccount(caller).account_id, deductOne()),
    lostOf: async (deducted) => {
      await checkDeductions(database, hot, deducted);
      return 0;
    },
    server_pid,
  });
}

/**
 * Counts what its hot account handed out. `lostOf` tells how much of that the account still has.
 */
function contestant({
  hot,
  lostOf,
  ...rest
}: Omit<Contestant, 'lost'> & { readonly lostOf: (deducted: number) => Promise<number> }): Contestant {
  let deducted = 0;
  return {
    ...rest,
    hot: async (caller) => {
      await hot(caller);
      deducted += 1;
    },
    lost: async () => (await lostOf(deducted)) / deducted,
  };
}

function lostOf(state: State, deducted: number): number {
  if (state.deducted !== deducted)
    throw new Error(`${deducted} credits were deducted, the ledger has ${state.deducted}`);
  return lostCredits(state);
}
