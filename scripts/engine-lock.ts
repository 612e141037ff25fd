import * as z from 'zod';

/** Where dynoxide is published for: npm's own names of system and processor. */
export const engine_platforms = [
  { os: 'darwin', cpu: 'arm64' },
  { os: 'darwin', cpu: 'x64' },
  { os: 'linux', cpu: 'arm64' },
  { os: 'linux', cpu: 'x64' },
  { os: 'win32', cpu: 'x64' },
] as const;

export const packageOf = ({ os, cpu }: { os: string; cpu: string }): string => `@dynoxide/${os}-${cpu}`;

const lockSchema = z.looseObject({ packages: z.record(z.string(), z.looseObject({})) });
const manifestSchema = z.object({ optionalDependencies: z.record(z.string(), z.string()) });
const entrySchema = z.looseObject({ version: z.string() });

/**
 * The lock with an entry for the engine of every platform. npm drops the entries of other platforms
 * where a registry does not serve their packages; without them `npm ci` refuses the lock. An entry
 * that is there is kept. Takes and answers the text of package-lock.json; `manifest` is that of
 * packages/local-cloud/package.json. Throws where no platform's entry tells the version.
 */
export function withEngineEntries(lock: string, manifest: string): string {
  const { packages, ...rest } = lockSchema.parse(JSON.parse(lock));
  const { optionalDependencies } = manifestSchema.parse(JSON.parse(manifest));
  const entries = engine_platforms.map((platform) => [`node_modules/${packageOf(platform)}`, platform] as const);
  const [version] = entries.flatMap(([path]) => {
    const { success, data } = entrySchema.safeParse(packages[path]);
    return success ? [data.version] : [];
  });
  if (version === undefined)
    throw new Error('package-lock.json has no entry of dynoxide at all: run npm install first');
  const missing = entries.filter(([path]) => packages[path] === undefined);
  const added = missing.map(([path, { os, cpu }]) => [path, { version, cpu: [cpu], optional: true, os: [os] }]);
  const workspace = { ...packages['packages/local-cloud'], optionalDependencies };
  const all = { ...packages, ...Object.fromEntries(added), 'packages/local-cloud': workspace };
  const sorted = Object.entries(all).toSorted(([a], [b]) => a.localeCompare(b, 'en'));
  return `${JSON.stringify({ ...rest, packages: Object.fromEntries(sorted) }, null, 2)}\n`;
}
