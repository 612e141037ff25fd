import { compose } from '../../functions/composition.ts';
import { checkDeductions } from '../check-deductions.ts';
import { deductOne, openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { inTurns } from '../in-turns.ts';
import { type Way, ways } from '../postgres/deduct.ts';
import { createTables, lostCredits, openAccounts, readState, type State } from '../postgres/ledger.ts';
import { openLibrary } from '../postgres/library.ts';
import { type Postgres, startPostgres } from '../postgres/server.ts';
import { cpuMicroseconds } from '../process-cpu.ts';
import { rateOf, rounds } from '../rounds.ts';

const callers = 32;
const spread_accounts = 1_000;
const time_ms = 500;

type Call = (caller: number) => Promise<unknown>;

/** One way to deduct: by all callers from one account, and by each from accounts of its own. */
interface Contestant {
  readonly hot: Call;
  readonly spread: Call;
  /** Of each credit that its hot account handed out, what it still has. Throws when its ledger has more or fewer deductions than were made. */
  readonly lost: () => Promise<number>;
  /** The process of its database, where that is known. */
  readonly server_pid: number | null;
}

const names = ['naive', 'row_lock', 'statement', 'library', 'ours'] as const;
/** Which lose credits only when the bench is wrong. */
const correct_names = ['row_lock', 'statement', 'ours'] as const;

type Name = (typeof names)[number];

interface Load {
  readonly per_s: number;
  readonly client_us: number;
  /** Null when it cannot be told. */
  readonly server_us: number | null;
}

/**
 * The classic ways to deduct on PostgreSQL, a library that does, and ours on the bench's engine, in turns. Says who lost credits.
 * Throws when one did that does not.
 */
export async function measurePostgres(engine_pid: number | null): Promise<Figure[]> {
  const server = await startPostgres();
  try {
    const contestants: Readonly<Record<Name, Contestant>> = {
      ...(await classicContestants(server)),
      library: await libraryContestant(server),
      ours: await ownContestant(engine_pid),
    };
    const results = await rounds(async () => ({
      naive: await measureOne(contestants.naive),
      row_lock: await measureOne(contestants.row_lock),
      statement: await measureOne(contestants.statement),
      library: await measureOne(contestants.library),
      ours: await measureOne(contestants.ours),
    }));
    return [
      ...(await lossFigures(contestants)),
      ...(['hot', 'spread'] as const).flatMap((kind) => loadFigures(results, kind)),
    ];
  } finally {
    await server.close();
  }
}

async function classicContestants(server: Postgres): Promise<Record<Way, Contestant>> {
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

async function libraryContestant(server: Postgres): Promise<Contestant> {
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
async function ownContestant(server_pid: number | null): Promise<Contestant> {
  const { accounts, database, catalog } = compose('accounts', 'ledger');
  const hot = await openAccount(accounts, catalog);
  const opened = [];
  while (opened.length < spread_accounts) {
    opened.push(...(await Promise.all(Array.from({ length: callers }, () => openAccount(accounts, catalog)))));
  }
  const nextAccount = inTurns(opened, callers);
  return contestant({
    hot: () => accounts.transact(hot.account_id, deductOne(catalog)),
    spread: (caller) => accounts.transact(nextAccount(caller).account_id, deductOne(catalog)),
    lostOf: async (deducted) => {
      await checkDeductions(database, hot, deducted);
      return 0;
    },
    server_pid,
  });
}

/** Counts what its hot account handed out. `lostOf` tells how many of so many credits it still has. */
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

async function measureOne({ hot, spread, server_pid }: Contestant): Promise<Record<'hot' | 'spread', Load>> {
  return { hot: await measureLoad(hot, server_pid), spread: await measureLoad(spread, server_pid) };
}

/** Throughput, and CPU time per deduction of this process and of the server's. */
async function measureLoad(call: Call, server_pid: number | null): Promise<Load> {
  const serverCpu = () => (server_pid === null ? null : cpuMicroseconds(server_pid));
  let done = 0;
  const server_before = serverCpu();
  const client_before = process.cpuUsage();
  const per_s = await rateOf(callers, time_ms, async (caller) => {
    await call(caller);
    done += 1;
  });
  const { user, system } = process.cpuUsage(client_before);
  const server_after = serverCpu();
  const server_us = server_before === null || server_after === null ? null : (server_after - server_before) / done;
  return { per_s, client_us: (user + system) / done, server_us };
}

async function lossFigures(contestants: Readonly<Record<Name, Contestant>>): Promise<Figure[]> {
  const losers: Name[] = [];
  const figures: Figure[] = [];
  for (const name of names) {
    const lost = await contestants[name].lost();
    if (lost !== 0) losers.push(name);
    figures.push(figure(`${figureName(name)}.hot_lost`, [lost]));
  }
  process.stderr.write(`postgres: lost credits: ${losers.join(', ') || 'none'}\n`);
  for (const name of correct_names) if (losers.includes(name)) throw new Error(`${name} lost credits`);
  return figures;
}

function loadFigures(
  results: readonly Record<Name, Record<'hot' | 'spread', Load>>[],
  kind: 'hot' | 'spread',
): Figure[] {
  const ratios = (['row_lock', 'statement', 'library'] as const).map((name) =>
    figure(
      `ours_to_${figureName(name)}.${kind}`,
      results.map((result) => result.ours[kind].per_s / result[name][kind].per_s),
    ),
  );
  const loads = names.flatMap((name) =>
    figuresOf(
      `${figureName(name)}.${kind}`,
      results.map((result) => result[name][kind]),
    ),
  );
  return [...ratios, ...loads];
}

function figureName(name: Name): string {
  return name === 'ours' ? name : `pg_${name}`;
}

function figuresOf(name: string, loads: readonly Load[]): Figure[] {
  const server_us = loads.flatMap((load) => load.server_us ?? []);
  return [
    figure(
      `${name}_per_s`,
      loads.map(({ per_s }) => per_s),
    ),
    figure(
      `${name}_client_us`,
      loads.map(({ client_us }) => client_us),
    ),
    ...(server_us.length > 0 ? [figure(`${name}_server_us`, server_us)] : []),
  ];
}
