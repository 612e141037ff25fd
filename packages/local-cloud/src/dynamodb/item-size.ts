import { type AttributeValue, type Item, typeOf } from './attribute-value.ts';
import { numberSize } from './numbers.ts';

/** 400 KB: the largest item that a table takes. */
export const largest_item_bytes = 409_600;

/** What DynamoDB counts for an item: names and values, in bytes. */
export function itemSize(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + valueSize(value);
  return bytes;
}

/** What DynamoDB counts for a value, in bytes. */
export function valueSize(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('SS' in value) return total(value.SS, (one) => Buffer.byteLength(one));
  if ('NS' in value) return total(value.NS, numberSize);
  if ('BS' in value) return total(value.BS, (one) => Buffer.byteLength(one, 'base64'));
  if ('L' in value) return 3 + total(value.L, (one) => 1 + valueSize(one));
  if ('M' in value) return 3 + Object.keys(value.M).length + itemSize(value.M);
  return 1;
}

/** The number that `size(…)` stands for in an expression; undefined for what has no size. */
export function sizeOf(value: AttributeValue): number | undefined {
  if ('S' in value || 'B' in value) return valueSize(value);
  if ('SS' in value) return value.SS.length;
  if ('NS' in value) return value.NS.length;
  if ('BS' in value) return value.BS.length;
  if ('L' in value) return value.L.length;
  return typeOf(value) === 'M' && 'M' in value ? Object.keys(value.M).length : undefined;
}

function total<T>(all: readonly T[], size: (one: T) => number): number {
  return all.reduce((bytes, one) => bytes + size(one), 0);
}
