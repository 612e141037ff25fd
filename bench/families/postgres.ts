import { type Figure, figure } from '../figure.ts';
import {
  type Call,
  type Contestant,
  callers,
  classicContestants,
  libraryContestant,
  ownContestant,
} from '../postgres/contestants.ts';
import { startPostgres } from '../postgres/server.ts';
import { cpuMicroseconds } from '../process-cpu.ts';
import { rateOf, rounds } from '../rounds.ts';

const time_ms = 500;

const names = ['naive', 'row_lock', 'statement', 'library', 'ours'] as const;
/** Ways that lose credits only if the bench is wrong. */
const correct_names = ['row_lock', 'statement', 'ours'] as const;

type Name = (typeof names)[number];

interface Load {
  readonly per_s: number;
  readonly client_us: number;
  /** Null if it cannot be measured. */
  readonly server_us: number | null;
}

/**
 * The classic ways to deduct on PostgreSQL, a library, and ours on the bench's engine, in turns.
 * Says who lost credits. Throws if a correct way did.
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
