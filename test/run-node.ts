import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ProjectCopy } from './e2e/project-copy.ts';
import { node_options } from './node-options.ts';

const own_root = join(import.meta.dirname, '..');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Starts Node in the project's folder, as a user starts a command: in this environment and no
 * other. This project's commands read test/billing.config.ts, those of a copy the copy's own
 * billing.config.ts.
 */
export function startNode(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  copy: ProjectCopy | null = null,
) {
  return spawn(process.execPath, args, {
    cwd: copy?.root ?? own_root,
    env: copy === null ? { NODE_OPTIONS: node_options, ...environment } : environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Starts Node like `startNode` and waits until it has ended. */
export async function runNode(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ran> {
  const child = startNode(args, environment);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, stdout, stderr };
}
