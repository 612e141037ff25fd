import { type AttributeValue, attributeOf, type Item } from '../attribute-value.ts';
import { validationError } from '../errors.ts';
import { addNumbers, subtractNumbers } from '../numbers.ts';
import { type Path, valueAt } from './path.ts';
import type { Term, UpdateAction } from './update.ts';

/**
 * The item after the update. Every action sees the item as it was before the update, and indexes of
 * lists are those of before. Throws a `ValidationException` for operands or paths that do not fit.
 */
export function applyUpdate(before: Item, actions: readonly UpdateAction[]): Item {
  const changes = actions.map((action) => ({ action, value: valueAfter(before, action) }));
  const written = changes.filter(({ value }) => value !== undefined).toSorted((a, b) => byPath(a.action, b.action));
  // From the back: what is removed first must not move what is removed later.
  const removed = changes.filter(({ value }) => value === undefined).toSorted((a, b) => byPath(b.action, a.action));
  return [...written, ...removed].reduce((item, { action, value }) => withValue(item, action.path, value), before);
}

function valueAfter(before: Item, action: UpdateAction): AttributeValue | undefined {
  if (action.type === 'REMOVE') return undefined;
  if (action.type === 'SET') return evaluate(before, action.term);
  const old = valueAt(before, action.path);
  return action.type === 'ADD' ? added(old, action.value) : without(old, action.value);
}

function evaluate(item: Item, term: Term): AttributeValue {
  switch (term.type) {
    case 'value':
      return term.value;
    case 'path': {
      const value = valueAt(item, term.path);
      if (value !== undefined) return value;
      throw validationError('The provided expression refers to an attribute that does not exist in the item');
    }
    case 'if_not_exists':
      return valueAt(item, term.path) ?? evaluate(item, term.otherwise);
    case 'list_append': {
      const [left, right] = [evaluate(item, term.left), evaluate(item, term.right)];
      if (!('L' in left) || !('L' in right)) throw wrongOperand();
      return { L: [...left.L, ...right.L] };
    }
    default: {
      const [left, right] = [evaluate(item, term.left), evaluate(item, term.right)];
      if (!('N' in left) || !('N' in right)) throw wrongOperand();
      return { N: term.type === '+' ? addNumbers(left.N, right.N) : subtractNumbers(left.N, right.N) };
    }
  }
}

function added(old: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (old === undefined) return value;
  if ('N' in old && 'N' in value) return { N: addNumbers(old.N, value.N) };
  if ('SS' in old && 'SS' in value) return { SS: union(old.SS, value.SS) };
  if ('NS' in old && 'NS' in value) return { NS: union(old.NS, value.NS) };
  if ('BS' in old && 'BS' in value) return { BS: union(old.BS, value.BS) };
  throw wrongOperand();
}

/** Undefined where nothing is left: DynamoDB keeps no empty sets. */
function without(old: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  if (old === undefined) return undefined;
  const rest = (members: readonly string[], gone: readonly string[]) => members.filter((one) => !gone.includes(one));
  const kept = <T extends AttributeValue>(members: readonly string[], set: T) =>
    members.length === 0 ? undefined : set;
  if ('SS' in old && 'SS' in value) {
    const SS = rest(old.SS, value.SS);
    return kept(SS, { SS });
  }
  if ('NS' in old && 'NS' in value) {
    const NS = rest(old.NS, value.NS);
    return kept(NS, { NS });
  }
  if ('BS' in old && 'BS' in value) {
    const BS = rest(old.BS, value.BS);
    return kept(BS, { BS });
  }
  throw wrongOperand();
}

const union = (one: readonly string[], two: readonly string[]) => [...new Set([...one, ...two])];

/** The item with the value at the path, or without anything there when the value is undefined. */
function withValue(item: Item, path: Path, value: AttributeValue | undefined): Item {
  const [name, ...rest] = path;
  return withAttribute(item, name, changed(attributeOf(item, name), rest, value));
}

function changed(
  old: AttributeValue | undefined,
  rest: readonly (string | number)[],
  value: AttributeValue | undefined,
): AttributeValue | undefined {
  const [part, ...deeper] = rest;
  if (part === undefined) return value;
  if (old !== undefined && typeof part === 'string' && 'M' in old) {
    return { M: withAttribute(old.M, part, changed(attributeOf(old.M, part), deeper, value)) };
  }
  if (old !== undefined && typeof part === 'number' && 'L' in old) {
    return { L: withElement(old.L, part, changed(old.L[part], deeper, value)) };
  }
  throw validationError('The document path provided in the update expression is invalid for update');
}

function withAttribute(item: Item, name: string, value: AttributeValue | undefined): Item {
  if (value !== undefined) return Object.fromEntries([...Object.entries(item), [name, value]]);
  return Object.fromEntries(Object.entries(item).filter(([other]) => other !== name));
}

/** An index beyond the end appends. */
function withElement(list: readonly AttributeValue[], index: number, value: AttributeValue | undefined) {
  if (value === undefined) return list.filter((_, at) => at !== index);
  return index >= list.length ? [...list, value] : list.with(index, value);
}

function byPath({ path: one }: UpdateAction, { path: two }: UpdateAction): number {
  for (const [at, part] of one.entries()) {
    const other = two[at];
    if (part === other) continue;
    if (other === undefined) return 1;
    if (typeof part === 'number' && typeof other === 'number') return part - other;
    return String(part) < String(other) ? -1 : 1;
  }
  return one.length - two.length;
}

const wrongOperand = () => validationError('An operand in the update expression has an incorrect data type');
