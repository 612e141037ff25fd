import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type * as z from 'zod';

export interface ChildOptions {
  /** Default: this process's own. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Node's options beside this process's own, such as the size of the heap. */
  readonly node_options?: readonly string[];
}

/**
 * A Node process that runs a file of the bench. Its log goes nowhere, because a function's log is
 * not shown here.
 */
export function startChild(
  file: string,
  args: string[],
  { environment, node_options = [] }: ChildOptions = {},
): ChildProcess {
  return fork(join(import.meta.dirname, file), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    ...(environment === undefined ? {} : { env: environment }),
    execArgv: [...process.execArgv, ...node_options],
  });
}

/** The child's next message. Rejects if the child ends without one. */
export function nextMessage<S extends z.ZodType>(child: ChildProcess, schema: S): Promise<z.output<S>> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      try {
        resolve(schema.parse(message));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** Waits until the child has ended, by itself or because it was told to. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise((resolve) => child.once('exit', resolve));
  }
}
