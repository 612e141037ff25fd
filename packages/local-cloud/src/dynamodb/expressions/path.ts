import { type AttributeValue, attributeOf, type Item } from '../attribute-value.ts';

/** The parts of a document path: names of attributes and indexes of list elements. */
export type Path = readonly [string, ...(string | number)[]];

/** What the path leads to in the item, or undefined. */
export function valueAt(item: Item, [name, ...rest]: Path): AttributeValue | undefined {
  let value = attributeOf(item, name);
  for (const part of rest) {
    if (value === undefined) return undefined;
    value = childOf(value, part);
  }
  return value;
}

function childOf(value: AttributeValue, part: string | number): AttributeValue | undefined {
  if (typeof part === 'number') return 'L' in value ? value.L[part] : undefined;
  return 'M' in value ? attributeOf(value.M, part) : undefined;
}

/** As messages show a path: `[a, [0], b]`. */
export function showPath(path: Path): string {
  return `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;
}
