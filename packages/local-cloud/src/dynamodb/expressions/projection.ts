import type { AttributeValue, Item } from '../attribute-value.ts';
import { validationError } from '../errors.ts';
import { parseExpression } from './cursor.ts';
import { type Path, showPath, valueAt } from './path.ts';
import type { Placeholders } from './placeholders.ts';

/**
 * Parses a projection. Throws a `ValidationException`, also for paths of which one holds another.
 */
export function parseProjection(text: string, placeholders: Placeholders): readonly Path[] {
  return parseExpression('ProjectionExpression', text, placeholders, (cursor) => {
    const paths = [cursor.path()];
    while (cursor.skip(',')) paths.push(cursor.path());
    assertApart(paths);
    return paths;
  });
}

/** Throws a `ValidationException` where one path leads to another one or into it. */
export function assertApart(paths: readonly Path[]): void {
  for (const [at, one] of paths.entries()) {
    for (const other of paths.slice(0, at)) assertPairApart(other, one);
  }
}

function assertPairApart(one: Path, two: Path): void {
  const shown = `must remove or rewrite one of these paths; path one: ${showPath(one)}, path two: ${showPath(two)}`;
  for (const [at, part] of one.entries()) {
    const other = two[at];
    if (other === undefined) break;
    if (typeof part !== typeof other) throw validationError(`Two document paths conflict with each other; ${shown}`);
    if (part !== other) return;
  }
  throw validationError(`Two document paths overlap with each other; ${shown}`);
}

/**
 * What the paths lead to, in the shape of the item. List elements keep their order and close ranks.
 */
export function project(item: Item, paths: readonly Path[]): Item {
  const picked = paths.filter((path) => valueAt(item, path) !== undefined);
  return pickMap(item, picked);
}

type Rest = readonly (string | number)[];

function pickMap(item: Item, paths: readonly Rest[]): Item {
  const groups = groupedByHead(paths);
  return Object.fromEntries(
    [...groups].flatMap(([name, rests]) => {
      const value = typeof name === 'string' && Object.hasOwn(item, name) ? item[name] : undefined;
      return value === undefined ? [] : [[name, pick(value, rests)] as const];
    }),
  );
}

function pick(value: AttributeValue, rests: readonly Rest[]): AttributeValue {
  if (rests.some((rest) => rest.length === 0)) return value;
  if ('M' in value) return { M: pickMap(value.M, rests) };
  if (!('L' in value)) return value;
  const groups = groupedByHead(rests);
  return {
    L: value.L.flatMap((one, index) => {
      const inner = groups.get(index);
      return inner === undefined ? [] : [pick(one, inner)];
    }),
  };
}

function groupedByHead(paths: readonly Rest[]): Map<string | number, Rest[]> {
  const groups = new Map<string | number, Rest[]>();
  for (const [head, ...rest] of paths) {
    if (head === undefined) continue;
    groups.set(head, [...(groups.get(head) ?? []), rest]);
  }
  return groups;
}
