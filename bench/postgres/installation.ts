import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { host_environment } from '../../local/options.ts';

const debian_root = '/usr/lib/postgresql';
/** Who runs the server when the bench runs as root, which PostgreSQL refuses. */
const other_users = ['postgres', 'nobody'];

export interface Installation {
  /** Folder of `initdb` and `postgres`. */
  readonly binaries: string;
  /** The user who runs the server; null means whoever runs the bench. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

/** What starts PostgreSQL here, or why nothing can. */
export function findPostgres(): Installation | { readonly missing: string } {
  const on_path = (host_environment.PATH ?? '').split(delimiter);
  const binaries = [...on_path, ...debianFolders()].find((folder) =>
    ['initdb', 'postgres'].every((program) => folder !== '' && existsSync(join(folder, program))),
  );
  if (binaries === undefined) return { missing: 'PostgreSQL is not installed' };
  if (process.getuid?.() !== 0) return { binaries, user: null };
  const user = other_users.map(userNamed).find((found) => found !== null) ?? null;
  return user === null ? { missing: 'PostgreSQL does not run as root' } : { binaries, user };
}

/** Why the family cannot be measured here, or null when it can. */
export function missingPostgres(): string | null {
  const has_packages = existsSync(join(import.meta.dirname, 'node_modules/pg'));
  if (!has_packages) return 'its packages are not installed; run npm ci --prefix bench/postgres';
  const found = findPostgres();
  return 'missing' in found ? found.missing : null;
}

/** Debian keeps each major version's programs off the PATH; the newest first. */
function debianFolders(): string[] {
  if (!existsSync(debian_root)) return [];
  const versions = readdirSync(debian_root).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(debian_root, version, 'bin'));
}

function userNamed(name: string): Installation['user'] {
  const [uid, gid] = ['-u', '-g'].map((which) => spawnSync('id', [which, name], { encoding: 'utf8' }));
  if (uid?.status !== 0 || gid?.status !== 0) return null;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}
