import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import * as z from 'zod';
import { findPostgres, type Installation } from './installation.ts';

/** A running server that keeps nothing after `close`. */
export interface Postgres {
  /** The process id of the server's first process, the parent of all others. */
  readonly pid: number;
  /** With its password. */
  readonly url: string;
  connect(): Promise<Client>;
  /** Stops the server and removes its data. */
  close(): Promise<void>;
}

const user = 'bench';
const patience_ms = 30_000;
const most_tries = 3;

/**
 * Runs until standard input closes, as it also does when the bench is killed. Then the data goes.
 */
const until_parent_ends = `exec 3<&0
folder=$1
shift
"$0" "$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -QUIT $server; } 2>/dev/null &
exec 3<&-
wait $server
rm -rf "$folder"`;

/**
 * Starts an empty server on a free port of this machine with initdb's own settings, which are
 * Debian's: every commit waits until it is on disk. Throws if PostgreSQL is missing or does not
 * start.
 */
export async function startPostgres(): Promise<Postgres> {
  const found = findPostgres();
  if ('missing' in found) throw new Error(found.missing);
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOnce(found, await freePort());
    } catch (error) {
      // The port was free a moment ago; somebody else may have taken it since.
      if (tries === most_tries) throw error;
    }
  }
}

async function startOnce({ binaries, user: runs_as }: Installation, port: number): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'billing-credits-postgres-'));
  const data = join(folder, 'data');
  const password = randomUUID();
  const options = { cwd: folder, ...runs_as };
  let server: ChildProcess | null = null;
  const close = async () => {
    if (server !== null) await stop(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeFile(join(folder, 'password'), password, { mode: 0o600 });
    if (runs_as !== null) {
      for (const path of [join(folder, 'password'), folder]) await chown(path, runs_as.uid, runs_as.gid);
    }
    const initialize = [
      '-D',
      data,
      '-U',
      user,
      '--auth=scram-sha-256',
      '--pwfile=password',
      '--no-locale',
      '-E',
      'UTF8',
    ];
    await promisify(execFile)(join(binaries, 'initdb'), initialize, options);
    const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
    const program = join(binaries, 'postgres');
    const started = spawn('sh', ['-c', until_parent_ends, program, folder, ...args], {
      ...options,
      stdio: ['pipe', 'ignore', 'pipe'],
      // A group of its own: Ctrl-C reaches the bench first.
      detached: true,
    });
    server = started;
    const url = `postgresql://${user}:${password}@127.0.0.1:${port}/postgres`;
    const connect = () => connectTo(url);
    await answers(started, connect);
    return { pid: await postmasterOf(connect), url, connect, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function connectTo(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // A connection that breaks fails the query that waits for it.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function answers(server: ChildProcess, connect: () => Promise<Client>): Promise<void> {
  let said = '';
  server.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const deadline = performance.now() + patience_ms;
  for (;;) {
    try {
      await (await connect()).end();
      return;
    } catch (error) {
      const ended = server.exitCode !== null || server.signalCode !== null;
      if (ended || performance.now() > deadline) throw new Error(`postgres did not start: ${said}`, { cause: error });
      await wait(20);
    }
  }
}

async function postmasterOf(connect: () => Promise<Client>): Promise<number> {
  const client = await connect();
  const { rows } = await client.query(`SELECT pg_read_file('postmaster.pid') AS file`);
  await client.end();
  const [{ file }] = z.tuple([z.object({ file: z.string() })]).parse(rows);
  return Number.parseInt(file, 10);
}

async function stop(server: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.stdin?.end();
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = z.object({ port: z.int() }).parse(server.address());
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}
