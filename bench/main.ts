import { parseArgs } from 'node:util';
import * as z from 'zod';
import { ended, nextMessage, startChild } from './child.ts';
import { bare_environment, type Engine, engine_names, readTemplate, runnableEngines, startEngine } from './engine.ts';
import { type FamilyName, families, family_names, missingFor, usual_families } from './families.ts';
import { type Figure, figure_schema } from './figure.ts';
import { toJson, toTable } from './report.ts';

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, engine: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const engines = z.array(z.enum(engine_names)).parse(values.engine ?? [runnableEngines()[0] ?? 'dynoxide']);
const named = z.array(z.enum(family_names)).parse(positionals.length > 0 ? positionals : usual_families);
const chosen = named.filter((name) => {
  const missing = missingFor(name);
  if (missing !== null) process.stderr.write(`${name}: left out: ${missing}\n`);
  return missing === null;
});

const figures: Record<string, Figure[]> = {};
const on_none = chosen.filter((name) => !families[name].on_engines);
if (on_none.length > 0)
  figures.functions = await measure(on_none, 'no engine', { environment: bare_environment, pid: null });

const on_engines = chosen.filter((name) => families[name].on_engines);
if (on_engines.length > 0) {
  const template = await readTemplate();
  for (const name of engines) {
    const engine = await startEngine(name, template);
    try {
      figures[name] = await measure(on_engines, name, engine);
    } finally {
      await engine.close();
    }
  }
}
process.stdout.write(values.json ? `${JSON.stringify(toJson(figures))}\n` : `${toTable(figures)}\n`);

/** One family after the other, each in a process of its own. */
async function measure(
  names: readonly FamilyName[],
  where: string,
  { environment, pid }: Pick<Engine, 'environment' | 'pid'>,
): Promise<Figure[]> {
  const measured: Figure[] = [];
  for (const name of names) {
    const began_at = performance.now();
    const child = startChild('family-process.ts', pid === null ? [name] : [name, String(pid)], { environment });
    measured.push(...(await nextMessage(child, z.array(figure_schema))));
    await ended(child);
    process.stderr.write(`${name} (${where}): ${((performance.now() - began_at) / 1000).toFixed(1)} s\n`);
  }
  return measured;
}
