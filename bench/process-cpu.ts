import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts /proc in ticks; USER_HZ is 100 on every architecture that Node runs on. */
const microseconds_per_tick = 10_000;

export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** CPU time of the process itself. */
  readonly own_ticks: number;
  /** CPU time of its children that have ended. */
  readonly children_ticks: number;
}

/**
 * A line of /proc/<pid>/stat: see proc_pid_stat(5). The name, in brackets, may hold spaces and
 * brackets itself.
 */
export function parseStat(line: string): ProcessStat {
  const after_name = line.slice(line.lastIndexOf(')') + 2).split(' ');
  /** Numbered as in the manual, where the name is field 2. */
  const field = (number: number) => Number(after_name[number - 3]);
  return {
    pid: Number.parseInt(line, 10),
    parent: field(4),
    own_ticks: field(14) + field(15),
    children_ticks: field(16) + field(17),
  };
}

/**
 * CPU time of a process and its children, ended ones too: a server is often one process that starts
 * others, or a shell with the server in it.
 */
export function cpuMicrosecondsOf(pid: number, processes: readonly ProcessStat[]): number {
  const ticks = processes
    .filter((one) => one.pid === pid || one.parent === pid)
    .reduce((sum, { own_ticks, children_ticks }) => sum + own_ticks + children_ticks, 0);
  return ticks * microseconds_per_tick;
}

/** CPU time of a running process and its children so far; null where there is no /proc. */
export function cpuMicroseconds(pid: number): number | null {
  return process.platform === 'linux' ? cpuMicrosecondsOf(pid, readProcesses()) : null;
}

function readProcesses(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'))];
      } catch {
        // It has ended meanwhile; its parent has its time.
        return [];
      }
    });
}
