import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/** The process that listens on a port. */
export interface PortOwner {
  /** The program's name, such as `node`. */
  command: string;
  pid: number;
}

/**
 * Who listens on this TCP port of this machine. Null where nobody can tell: another user's process,
 * or a system without the tool that knows.
 */
export async function portOwner(port: number, platform: string = process.platform): Promise<PortOwner | null> {
  try {
    if (platform === 'linux') return await ownerByProc(port);
    return platform === 'win32' ? await ownerByNetstat(port) : await ownerByLsof(port);
  } catch {
    return null;
  }
}

/** What /proc calls a socket that listens. */
const listen_state = '0A';

/** Linux: the sockets that listen are in /proc/net, their owners are found by their open files. */
async function ownerByProc(port: number): Promise<PortOwner | null> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  );
  const sockets = new Set(tables.flatMap((table) => listeningSockets(table, port)));
  if (sockets.size === 0) return null;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const file of files) {
      const target = await readlink(`/proc/${pid}/fd/${file}`).catch(() => '');
      if (sockets.has(target)) return { command: await commandOf(pid), pid: Number(pid) };
    }
  }
  return null;
}

/** From /proc/net/tcp: `socket:[<inode>]` of each socket that listens on the port. */
export function listeningSockets(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    return local.endsWith(suffix) && state === listen_state ? [`socket:[${inode}]`] : [];
  });
}

async function commandOf(pid: string): Promise<string> {
  const [program = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  return programName(program) || (await readFile(`/proc/${pid}/comm`, 'utf8')).trim();
}

const programName = (path: string) => path.slice(path.lastIndexOf('/') + 1);

const run = promisify(execFile);
const patience = { timeout: 3000, windowsHide: true };

/** macOS, and other systems that have lsof. */
async function ownerByLsof(port: number): Promise<PortOwner | null> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc'], patience);
  return fromLsof(stdout);
}

/** From `lsof -Fpc`: lines that begin with p (pid) and c (command). */
export function fromLsof(output: string): PortOwner | null {
  const pid = /^p(\d+)$/m.exec(output)?.[1];
  const command = /^c(.+)$/m.exec(output)?.[1];
  return pid === undefined || command === undefined ? null : { command, pid: Number(pid) };
}

async function ownerByNetstat(port: number): Promise<PortOwner | null> {
  const pid = fromNetstat((await run('netstat', ['-ano', '-p', 'tcp'], patience)).stdout, port);
  if (pid === null) return null;
  const { stdout } = await run('tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH'], patience);
  const command = /^"([^"]+)"/m.exec(stdout)?.[1];
  return command === undefined ? null : { command, pid };
}

/**
 * From `netstat -ano`: the last column of the line that listens. Its words are translated; its
 * foreign address is not.
 */
export function fromNetstat(output: string, port: number): number | null {
  for (const line of output.split('\n')) {
    const [protocol, local = '', foreign, , pid] = line.trim().split(/\s+/);
    const listens = protocol === 'TCP' && (foreign === '0.0.0.0:0' || foreign === '[::]:0');
    if (listens && local.endsWith(`:${port}`)) return Number(pid);
  }
  return null;
}

export interface TakenPort {
  port: number;
  /** The environment variable that chooses the port. */
  variable: string;
  owner: PortOwner | null;
}

const highest_port = 65_535;

/** Says who has the port and what to do. */
export function explainTakenPort({ port, variable, owner }: TakenPort, platform: string = process.platform): string {
  const by = owner === null ? 'another process' : `${owner.command} (pid ${owner.pid})`;
  const other = port + 100 > highest_port ? port - 100 : port + 100;
  const again = platform === 'win32' ? `$env:${variable}=${other}; npm run dev` : `${variable}=${other} npm run dev`;
  return `port ${port} is taken by ${by}: stop it, or ${again}`;
}
