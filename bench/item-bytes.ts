/**
 * The size of an item as DynamoDB bills it: UTF-8 bytes of names and values; a number takes about
 * half a byte per significant digit and one more; a list or map 3 bytes and one per element.
 * @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Record<string, unknown>): number {
  return Object.entries(item).reduce((sum, [name, value]) => sum + textBytes(name) + valueBytes(value), 0);
}

/** Write units of one standard (not transactional) write of an item. */
export function writeUnits(item: Record<string, unknown>): number {
  return Math.ceil(itemBytes(item) / 1024);
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return textBytes(value);
  if (typeof value === 'number') return numberBytes(value);
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + 1 + valueBytes(element), 3);
  if (typeof value === 'object' && value !== null) return 3 + Object.keys(value).length + itemBytes({ ...value });
  return 1;
}

function numberBytes(value: number): number {
  const digits = String(Math.abs(value)).replace('.', '').replace(/0+$/, '');
  return Math.ceil(Math.max(1, digits.length) / 2) + (value < 0 ? 2 : 1);
}

function textBytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
