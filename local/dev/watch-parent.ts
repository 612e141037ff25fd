import { readFile } from 'node:fs/promises';

/** Programs that run scripts. What stands between them and a script is a shell. */
const launchers = /^(npm|npx|node|pnpm|yarn|bun)/;
const most_shells = 3;

export interface Process {
  pid: number;
  parent_pid: number;
  command: string;
}

export interface Watched {
  /** Of this process, now. */
  parentPid: () => number;
  /** Null where nobody can tell. */
  read: (pid: number) => Promise<Process | null>;
  isAlive: (pid: number) => boolean;
}

const look_every_ms = 250;

/**
 * Calls `onGone` once, when npm has ended, which started this process, or a shell that npm put in
 * between. A process that is killed by SIGKILL cannot tell its children, so they have to look.
 */
export async function watchParent(onGone: () => void, watched: Watched = this_machine): Promise<void> {
  const lost = await parentLoss(watched);
  const timer = setInterval(() => {
    void lost().then((is_gone) => {
      if (!is_gone) return;
      clearInterval(timer);
      onGone();
    });
  }, look_every_ms).unref();
}

/** Answers a question: has what started this process ended since now? */
export async function parentLoss(watched: Watched): Promise<() => Promise<boolean>> {
  const parent_pid = watched.parentPid();
  const shells = await shellsAbove(watched, parent_pid);
  return async () => {
    // Only where a process without parent gets another one does the number change.
    if (watched.parentPid() !== parent_pid || !watched.isAlive(parent_pid)) return true;
    const now = await Promise.all(shells.map(({ pid }) => watched.read(pid)));
    return shells.some(({ parent_pid: before }, index) => now[index]?.parent_pid !== before);
  };
}

/**
 * What stands between this process and npm. Nothing where npm is not found: then the parent alone
 * is watched.
 */
async function shellsAbove({ read }: Watched, parent_pid: number): Promise<Process[]> {
  const shells: Process[] = [];
  for (let pid = parent_pid; shells.length <= most_shells; ) {
    const above = await read(pid);
    if (above === null) return [];
    if (launchers.test(above.command)) return shells;
    shells.push(above);
    pid = above.parent_pid;
  }
  return [];
}

const this_machine: Watched = {
  parentPid: () => process.ppid,
  read: readProcess,
  isAlive: (pid) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // EPERM: it is there and belongs to somebody else.
      return error instanceof Error && 'code' in error && error.code === 'EPERM';
    }
  },
};

/** Linux: from /proc/<pid>/stat, `pid (command) state parent …`. */
async function readProcess(pid: number): Promise<Process | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  const match = stat === null ? null : /^\d+ \((.*)\) \S (\d+) /s.exec(stat);
  return match === null ? null : { pid, command: match[1] ?? '', parent_pid: Number(match[2]) };
}
