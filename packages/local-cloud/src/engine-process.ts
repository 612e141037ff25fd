import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, Socket } from 'node:net';
import { DatabaseNotAvailable } from './database-not-available.ts';

/** How an engine that is a program of its own is started. */
export interface EngineProgram {
  readonly command: string;
  readonly args: (port: number) => string[];
}

export interface EngineProcess {
  readonly endpoint: string;
  /** Of the engine or of its parent, which does nothing else. */
  readonly pid: number | null;
  close(): Promise<void>;
}

/** Runs the command until standard input closes, which it also does when the parent is killed. */
const until_parent_ends = `exec 3<&0
"$0" "$@" </dev/null 3<&- &
child=$!
{ read -r _ <&3; kill -9 $child; } 2>/dev/null &
exec 3<&-
wait $child`;

const most_tries = 3;

/**
 * Starts the program on a free port and answers when it does. It dies with this process, however
 * this process ends. Should somebody else take the port first, another one is tried. Throws
 * `DatabaseNotAvailable`.
 */
export async function startEngineProcess(program: EngineProgram): Promise<EngineProcess> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOn(await freePort(), program);
    } catch (error) {
      if (tries === most_tries || !(error instanceof DatabaseNotAvailable)) throw error;
    }
  }
}

async function startOn(port: number, { command, args }: EngineProgram): Promise<EngineProcess> {
  const child =
    process.platform === 'win32'
      ? spawn(command, args(port), { stdio: ['pipe', 'ignore', 'pipe'] })
      : spawn('sh', ['-c', until_parent_ends, command, ...args(port)], {
          stdio: ['pipe', 'ignore', 'pipe'],
          // A group of its own: Ctrl-C reaches this process first, which then stops the database in
          // order.
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
  return { endpoint, pid: child.pid ?? null, close };
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
export async function answers(endpoint: string, failure: () => string | null): Promise<void> {
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
