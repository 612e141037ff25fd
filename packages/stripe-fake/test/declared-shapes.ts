import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The keys of one of Stripe's objects, as the `stripe` package declares them. */
export interface Shape {
  required: Set<string>;
  optional: Set<string>;
}

const RESOURCES = join(dirname(fileURLToPath(import.meta.resolve('stripe'))), 'resources');

/**
 * The declared shapes by the value of their `object` field. Deleted objects share it with what they
 * were.
 */
export function declaredShapes(): Map<string, Shape[]> {
  const shapes = new Map<string, Shape[]>();
  for (const file of declarations()) {
    for (const [object, shape] of shapesIn(readFileSync(join(RESOURCES, file), 'utf8'))) {
      shapes.set(object, [...(shapes.get(object) ?? []), shape]);
    }
  }
  return shapes;
}

/** Of API v1. */
function declarations(): string[] {
  const files = readdirSync(RESOURCES, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.d.ts') && !file.startsWith('V2'));
}

function* shapesIn(source: string): Generator<[string, Shape]> {
  const without_comments = source.replaceAll(/\/\*\*.*?\*\//gs, '');
  for (const [, indent = '', body = ''] of without_comments.matchAll(
    /^( *)(?:export )?interface \w+ \{$(.*?)^\1\}$/gms,
  )) {
    const object = new RegExp(`^${indent}    object: '([\\w.]+)';$`, 'm').exec(body)?.[1];
    if (object === undefined) continue;
    const shape: Shape = { required: new Set(), optional: new Set() };
    for (const [, key = '', mark] of body.matchAll(new RegExp(`^${indent}    (\\w+)(\\?)?:`, 'gm'))) {
      (mark === '?' ? shape.optional : shape.required).add(key);
    }
    yield [object, shape];
  }
}
