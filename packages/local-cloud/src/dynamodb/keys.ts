import { hash } from 'node:crypto';
import { type AttributeValue, attributeOf, type Item, typeOf } from './attribute-value.ts';
import { sortableOf } from './compare-values.ts';
import { type DynamoDbError, invalidParameter, validationError } from './errors.ts';
import { valueSize } from './item-size.ts';
import type { Position } from './sorted-rows.ts';

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

/** The key of a table or of an index. */
export interface KeySchema {
  readonly partition: KeyAttribute;
  readonly sort: KeyAttribute | null;
}

const most_partition_bytes = 2048;
const most_sort_bytes = 1024;

export const keyAttributes = ({ partition, sort }: KeySchema): readonly KeyAttribute[] =>
  sort === null ? [partition] : [partition, sort];

/**
 * The key in an item of a table. Throws a `ValidationException` where it lacks one or has another
 * type.
 */
export function keyInItem(item: Item, schema: KeySchema): Item {
  return pickKey(schema, (attribute) => {
    const value = attributeOf(item, attribute.name);
    if (value === undefined) throw invalidParameter(`Missing the key ${attribute.name} in the item`);
    if (typeOf(value) !== attribute.type) {
      throw invalidParameter(
        `Type mismatch for key ${attribute.name} expected: ${attribute.type} actual: ${typeOf(value)}`,
      );
    }
    return value;
  });
}

/** A key as a request gives it. Throws a `ValidationException` unless it is exactly the key. */
export function exactKey(key: Item, schema: KeySchema): Item {
  const mismatch = () => validationError('The provided key element does not match the schema');
  if (Object.keys(key).length !== keyAttributes(schema).length) throw mismatch();
  return pickKey(schema, (attribute) => {
    const value = attributeOf(key, attribute.name);
    if (value === undefined || typeOf(value) !== attribute.type) throw mismatch();
    return value;
  });
}

function pickKey(schema: KeySchema, pick: (attribute: KeyAttribute) => AttributeValue): Item {
  const key = Object.fromEntries(keyAttributes(schema).map((attribute) => [attribute.name, pick(attribute)]));
  for (const { name } of keyAttributes(schema)) {
    const value = attributeOf(key, name);
    if (value !== undefined) assertKeyValue(name, value, name === schema.partition.name);
  }
  return key;
}

function assertKeyValue(name: string, value: AttributeValue, is_partition: boolean): void {
  if (isEmpty(value)) {
    const kind = 'S' in value ? 'string' : 'binary';
    const rule = `The AttributeValue for a key attribute cannot contain an empty ${kind} value`;
    throw validationError(`One or more parameter values are not valid. ${rule}. Key: ${name}`);
  }
  const bytes = valueSize(value);
  if (is_partition && bytes > most_partition_bytes) {
    throw invalidParameter(`Size of hashkey has exceeded the maximum size limit of${most_partition_bytes} bytes`);
  }
  if (!is_partition && bytes > most_sort_bytes) {
    throw invalidParameter(`Aggregated size of all range keys has exceeded the size limit of ${most_sort_bytes} bytes`);
  }
}

/** Throws a `ValidationException` for a value that the key of this index cannot hold. */
export function assertIndexKey(item: Item, index: string, schema: KeySchema): void {
  for (const { name, type } of keyAttributes(schema)) {
    const value = attributeOf(item, name);
    if (value === undefined) continue;
    if (typeOf(value) !== type) throw indexMismatch(index, name, type, value);
    if (!isEmpty(value)) continue;
    const kind = 'S' in value ? 'string' : 'binary';
    const rule = `A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${kind} value`;
    throw validationError(
      `One or more parameter values are not valid. ${rule}. IndexName: ${index}, IndexKey: ${name}`,
    );
  }
}

function indexMismatch(index: string, name: string, type: string, value: AttributeValue): DynamoDbError {
  return invalidParameter(
    `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${typeOf(value)} IndexName: ${index}`,
  );
}

const isEmpty = (value: AttributeValue) => ('S' in value && value.S === '') || ('B' in value && value.B === '');

/**
 * Where an item with this key stands in a table or index; null where the item lacks a part of the
 * key.
 */
export function positionOf(item: Item, { partition, sort }: KeySchema): Position | null {
  const partition_value = attributeOf(item, partition.name);
  const sort_value = sort === null ? { S: '' } : attributeOf(item, sort.name);
  if (partition_value === undefined || sort_value === undefined) return null;
  return [partitionOf(partition_value), sortableOf(sort_value) ?? ''];
}

/** The first part of a position. Partitions are in the order of a hash, as they are on AWS. */
export function partitionOf(value: AttributeValue): string {
  const sortable = sortableOf(value) ?? '';
  return hash('md5', `${typeOf(value)}${sortable}`, 'hex') + sortable;
}
