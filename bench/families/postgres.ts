import { compose } from '../../functions/composition.ts';
import { checkDeductions } from '../check-deductions.ts';
import { deductOne, openAccount } from '../deductions.ts';
import { type Figure, figure } from '../figure.ts';
import { inTurns } from '../in-turns.ts';
import { type Way, ways } from '../postgres/deduct.ts';
import { createTables, lostCredits, openAccounts, readState } from '../postgres/ledger.ts';
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
  /** Credits that its hot account handed out and still has. */
  readonly lost: () => Promise<number>;
}

interface Load {
  readonly per_s: number;
  readonly client_us: number;
  /** Null when it cannot be told, or is not PostgreSQL's. */
  readonly server_us: number | null;
}

/** The classic ways to deduct on PostgreSQL, and ours on the bench's engine, in turns. Throws when a correct one loses a credit. */
export async function measurePostgres(): Promise<Figure[]> {
  const server = await startPostgres();
  try {
    const contestants = { ...(await classicContestants(server)), ours: await ownContestant() };
    const results = await rounds(async () => ({
      naive: await measureOne(contestants.naive, server.pid),
      row_lock: await measureOne(contestants.row_lock, server.pid),
      statement: await measureOne(contestants.statement, server.pid),
      ours: await measureOne(contestants.ours, null),
    }));
    const names = ['naive', 'row_lock', 'statement', 'ours'] as const;
    for (const name of ['row_lock', 'statement'] as const) {
      if ((await contestants[name].lost()) !== 0) throw new Error(`${name} lost credits`);
    }
    await contestants.ours.lost();
    return [
      figure(
        'pg_naive.hot_lost',
        results.map(({ naive }) => naive.lost_per_deduct),
      ),
      ...(['hot', 'spread'] as const).flatMap((kind) => [
        ...(['row_lock', 'statement'] as const).map((name) =>
          figure(
            `ours_to_pg_${name}.${kind}`,
            results.map((result) => result.ours[kind].per_s / result[name][kind].per_s),
          ),
        ),
        ...names.flatMap((name) =>
          figuresOf(
            `${name === 'ours' ? name : `pg_${name}`}.${kind}`,
            results.map((result) => result[name][kind]),
          ),
        ),
      ]),
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
  const contestant = async (way: Way): Promise<Contestant> => {
    const [hot = ''] = await openAccounts(admin, 1);
    const nextAccount = inTurns(await openAccounts(admin, spread_accounts), callers);
    return {
      hot: (caller) => ways[way](clientOf(caller), hot, 1),
      spread: (caller) => ways[way](clientOf(caller), nextAccount(caller), 1),
      lost: async () => lostCredits(await readState(admin, hot)),
    };
  };
  return {
    naive: await contestant('naive'),
    row_lock: await contestant('row_lock'),
    statement: await contestant('statement'),
  };
}

/** The store's own deduction, as in the families `hot-account` and `spread`. `lost` verifies the ledger, and throws. */
async function ownContestant(): Promise<Contestant> {
  const { accounts, database, catalog } = compose('accounts', 'ledger');
  const hot = await openAccount(accounts, catalog);
  const opened = [];
  while (opened.length < spread_accounts) {
    opened.push(...(await Promise.all(Array.from({ length: callers }, () => openAccount(accounts, catalog)))));
  }
  const nextAccount = inTurns(opened, callers);
  let deducted = 0;
  return {
    hot: async () => {
      await accounts.transact(hot.account_id, deductOne(catalog));
      deducted += 1;
    },
    spread: (caller) => accounts.transact(nextAccount(caller).account_id, deductOne(catalog)),
    lost: async () => {
      await checkDeductions(database, hot, deducted);
      return 0;
    },
  };
}

async function measureOne({ hot, spread, lost }: Contestant, server_pid: number | null) {
  const lost_before = server_pid === null ? 0 : await lost();
  const { load: of_hot, done } = await measureLoad(hot, server_pid);
  const lost_after = server_pid === null ? 0 : await lost();
  const { load: of_spread } = await measureLoad(spread, server_pid);
  return { hot: of_hot, spread: of_spread, lost_per_deduct: (lost_after - lost_before) / done };
}

/** Throughput, and CPU time per deduction of this process and of the server's. */
async function measureLoad(call: Call, server_pid: number | null): Promise<{ load: Load; done: number }> {
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
  return { load: { per_s, client_us: (user + system) / done, server_us }, done };
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
