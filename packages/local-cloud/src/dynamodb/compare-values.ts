import { type AttributeValue, type Item, typeOf } from './attribute-value.ts';
import { sortableNumber } from './numbers.ts';

/** Whether two values are the same: of one type, sets in any order. */
export function areEqual(left: AttributeValue, right: AttributeValue): boolean {
  if ('L' in left) {
    return 'L' in right && left.L.length === right.L.length && left.L.every((one, i) => isSame(one, right.L[i]));
  }
  if ('M' in left) return 'M' in right && areItemsEqual(left.M, right.M);
  if ('SS' in left) return 'SS' in right && areSetsEqual(left.SS, right.SS);
  if ('NS' in left) return 'NS' in right && areSetsEqual(left.NS, right.NS);
  if ('BS' in left) return 'BS' in right && areSetsEqual(left.BS, right.BS);
  if ('BOOL' in left) return 'BOOL' in right && left.BOOL === right.BOOL;
  if ('NULL' in left) return 'NULL' in right;
  const order = typeOf(left) === typeOf(right) ? sortableOf(left) : undefined;
  return order !== undefined && order === sortableOf(right);
}

/** Whether two items have the same attributes. */
export function areItemsEqual(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length &&
    names.every((name) => Object.hasOwn(right, name) && isSame(left[name], right[name]))
  );
}

/** Below, equal to or above zero; undefined where DynamoDB knows no order between the two. */
export function orderOf(left: AttributeValue, right: AttributeValue): number | undefined {
  if (typeOf(left) !== typeOf(right)) return undefined;
  const [a, b] = [sortableOf(left), sortableOf(right)];
  if (a === undefined || b === undefined) return undefined;
  return a < b ? -1 : Number(a > b);
}

/**
 * A text for a string, number or binary: texts of one type sort as plain strings do exactly as
 * DynamoDB sorts the values. Strings sort by their bytes in UTF-8. Undefined for other types.
 */
export function sortableOf(value: AttributeValue): string | undefined {
  if ('S' in value) return Buffer.from(value.S).toString('latin1');
  if ('N' in value) return sortableNumber(value.N);
  if ('B' in value) return Buffer.from(value.B, 'base64').toString('latin1');
  return undefined;
}

function isSame(left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
  return left !== undefined && right !== undefined && areEqual(left, right);
}

function areSetsEqual(left: readonly string[], right: readonly string[]): boolean {
  const members = new Set(left);
  return left.length === right.length && right.every((one) => members.has(one));
}
