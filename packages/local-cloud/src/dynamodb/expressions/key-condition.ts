import { type AttributeValue, typeOf } from '../attribute-value.ts';
import { sortableOf } from '../compare-values.ts';
import { invalidParameter, validationError } from '../errors.ts';
import type { KeyAttribute, KeySchema } from '../keys.ts';
import { last_part } from '../sorted-rows.ts';
import type { Comparison, Condition, Operand } from './condition.ts';

/** What a query reads: one partition, and of it the sort keys from `from` on and before `to`. */
export interface KeyRange {
  readonly partition: AttributeValue;
  /** As `sortableOf` makes them. */
  readonly from: string;
  readonly to: string;
}

/** One condition on one attribute of the key. */
interface Single {
  readonly name: string;
  readonly operator: Comparison | 'between' | 'begins_with';
  readonly values: readonly AttributeValue[];
}

/**
 * The range that a key condition means for this key. Throws a `ValidationException` where it means
 * none.
 */
export function toKeyRange(condition: Condition, { partition, sort }: KeySchema): KeyRange {
  const singles = flattened(condition).map(toSingle);
  if (new Set(singles.map(({ name }) => name)).size < singles.length) {
    throw validationError('KeyConditionExpressions must only contain one condition per key');
  }
  const of = (attribute: KeyAttribute) => singles.find(({ name }) => name === attribute.name);
  const on_partition = of(partition);
  if (on_partition === undefined) throw missed(partition);
  const [partition_value] = on_partition.values;
  if (on_partition.operator !== '=' || partition_value === undefined) {
    throw validationError('Query key condition not supported');
  }
  const on_sort = sort === null ? undefined : of(sort);
  if (singles.length === 2 && on_sort === undefined) {
    throw sort === null ? validationError('Query key condition not supported') : missed(sort);
  }
  assertType(partition, on_partition);
  if (sort === null || on_sort === undefined) return { partition: partition_value, from: '', to: last_part };
  assertType(sort, on_sort);
  return { partition: partition_value, ...sortRange(on_sort) };
}

function flattened(condition: Condition): Condition[] {
  if (condition.type !== 'and') return [condition];
  return [...flattened(condition.left), ...flattened(condition.right)];
}

function toSingle(condition: Condition): Single {
  switch (condition.type) {
    case 'compare': {
      if (condition.operator === '<>') throw validationError('Invalid operator used in KeyConditionExpression: <>');
      const { left, right, operator } = condition;
      return left.type === 'path'
        ? { name: nameOf(left), operator, values: [literal(right)] }
        : { name: nameOf(right), operator: turned[operator], values: [literal(left)] };
    }
    case 'between': {
      const values = [literal(condition.low), literal(condition.high)];
      return { name: nameOf(condition.operand), operator: 'between', values };
    }
    case 'begins_with':
      return { name: nameOf(condition.operand), operator: 'begins_with', values: [literal(condition.argument)] };
    default: {
      const operator = condition.type === 'exists' ? 'attribute_exists' : condition.type;
      const shown = ['or', 'not', 'in'].includes(operator) ? operator.toUpperCase() : operator;
      throw validationError(`Invalid operator used in KeyConditionExpression: ${shown}`);
    }
  }
}

const turned: Readonly<Record<Comparison, Comparison>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function nameOf(operand: Operand): string {
  if (operand.type !== 'path') {
    throw validationError('Invalid condition in KeyConditionExpression: No key attribute specified');
  }
  if (operand.path.length > 1) {
    throw validationError('KeyConditionExpressions cannot have conditions on nested attributes');
  }
  return operand.path[0];
}

function literal(operand: Operand): AttributeValue {
  if (operand.type === 'value') return operand.value;
  throw validationError(
    operand.type === 'path'
      ? 'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'
      : 'KeyConditionExpressions cannot contain nested operations',
  );
}

function assertType({ type }: KeyAttribute, { values }: Single): void {
  if (values.every((value) => typeOf(value) === type)) return;
  throw invalidParameter('Condition parameter type does not match schema type');
}

function sortRange({ operator, values }: Single): { from: string; to: string } {
  const [low = '', high = ''] = values.map((value) => sortableOf(value) ?? '');
  switch (operator) {
    case '<':
      return { from: '', to: low };
    case '<=':
      return { from: '', to: after(low) };
    case '>':
      return { from: after(low), to: last_part };
    case '>=':
      return { from: low, to: last_part };
    case 'between':
      return { from: low, to: after(high) };
    case 'begins_with':
      return { from: low, to: low + last_part };
    default:
      return { from: low, to: after(low) };
  }
}

/** The first text behind this one. */
const after = (text: string) => `${text}\0`;

const missed = ({ name }: KeyAttribute) => validationError(`Query condition missed key schema element: ${name}`);
