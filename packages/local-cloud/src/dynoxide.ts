import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { EngineProgram } from './engine-process.ts';

/** Where dynoxide is looked for. */
export interface DynoxideSearch {
  /** The program in the optional package for this platform, or null when that is not installed. */
  installed(): string | null;
  /** Whether this command runs. */
  runs(command: string): boolean;
}

const require = createRequire(import.meta.url);

const this_machine: DynoxideSearch = {
  installed: () => {
    const name = process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide';
    try {
      return join(dirname(require.resolve(`@dynoxide/${platform}/package.json`)), name);
    } catch {
      return null;
    }
  },
  runs: (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0,
};

/** As npm names platforms in packages, e.g. `darwin-arm64`. */
export const platform = `${process.platform}-${process.arch}`;

/** dynoxide of the installed packages, else of the PATH, else null. `found` says which. */
export function findDynoxide(search: DynoxideSearch = this_machine): (EngineProgram & { found: string }) | null {
  const args = (port: number) => ['--host', '127.0.0.1', '--port', String(port)];
  const installed = search.installed();
  if (installed !== null) return { command: installed, args, found: 'installed with the packages' };
  return search.runs('dynoxide') ? { command: 'dynoxide', args, found: 'found on the PATH' } : null;
}
