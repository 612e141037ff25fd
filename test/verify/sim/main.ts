import { registerHooks } from 'node:module';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { plants } from './plants.ts';

const count = z.coerce.number().int().min(0);
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    plant: { type: 'string' },
    /** With `--no-shorten` a violation is printed as it was found. */
    shorten: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const { seeds, from, plant } = z.object({ seeds: count, from: count, plant: z.string().optional() }).parse(values);

if (plant !== undefined) {
  const planted = plants.find(({ name }) => name === plant);
  if (planted === undefined)
    throw new Error(`no such fault: ${plant}; there are ${plants.map(({ name }) => name).join(', ')}`);
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      if (!url.endsWith(planted.file)) return loaded;
      const source = z
        .union([z.string(), z.instanceof(Uint8Array).transform((bytes) => new TextDecoder().decode(bytes))])
        .parse(loaded.source);
      if (!source.includes(planted.from)) throw new Error(`${planted.file} does not say: ${planted.from}`);
      return { ...loaded, source: source.replace(planted.from, planted.to) };
    },
  });
}

const { runSeeds } = await import('./run-seeds.ts');
const { text, is_sound } = await runSeeds({
  from,
  seeds,
  shortens: values.shorten,
  onProgress: (text) => void process.stderr.write(`${text}\n`),
});
process.stdout.write(`${text}\n`);
process.exit(is_sound ? 0 : 1);
