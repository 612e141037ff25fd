import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `npm run ledger -- …` as a user starts it, in this environment and no other. */
export function startLedger(args: readonly string[], environment: Record<string, string>) {
  return spawn(process.execPath, ['local/ledger.ts', ...args], {
    cwd: root,
    env: { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs it to its end. */
export async function runLedger(args: readonly string[], environment: Record<string, string>): Promise<Ran> {
  const child = startLedger(args, environment);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}
