import { attributeOf, type Item, readItem, typeOf } from '../attribute-value.ts';
import { validationError } from '../errors.ts';
import type { Condition } from '../expressions/condition.ts';
import { fulfils } from '../expressions/evaluate-condition.ts';
import type { Path } from '../expressions/path.ts';
import { project } from '../expressions/projection.ts';
import { itemSize } from '../item-size.ts';
import { type KeyAttribute, keyAttributes } from '../keys.ts';
import type { Position } from '../sorted-rows.ts';
import type { Index, Table } from '../table.ts';

/** Which rows a query or scan reads, and what it answers of them. */
export interface PageRequest {
  readonly table: Table;
  /** Null for the table itself. */
  readonly index: Index | null;
  readonly from: Position;
  readonly to: Position;
  readonly is_reverse: boolean;
  readonly start_key: Item | null;
  /** At most so many rows are read. */
  readonly limit: number | null;
  readonly filter: Condition | null;
  /** Null for all attributes that the table or index holds. */
  readonly paths: readonly Path[] | null;
  /** Of a local index: read the table's item for what the index does not hold. */
  readonly reads_table: boolean;
}

export interface Page {
  readonly items: readonly Item[];
  readonly scanned: number;
  readonly bytes: number;
  readonly last_key: Item | null;
}

const most_page_bytes = 1024 * 1024;

/** Reads until the limit or 1 MB is reached. */
export function readPage(request: PageRequest): Page {
  const { table, index, is_reverse, limit, filter, paths } = request;
  const rows = index === null ? table.rows : index.rows;
  const [from, to] = boundsAfterStart(request);
  const items: Item[] = [];
  let scanned = 0;
  let bytes = 0;
  for (const { position, value } of rows.between(from, to, is_reverse)) {
    const item = request.reads_table ? (table.rows.get(position.slice(2)) ?? value) : value;
    scanned += 1;
    bytes += itemSize(item);
    if (filter === null || fulfils(item, filter)) items.push(paths === null ? item : project(item, paths));
    if (scanned === limit || bytes >= most_page_bytes)
      return { items, scanned, bytes, last_key: keysOf(request, value) };
  }
  return { items, scanned, bytes, last_key: null };
}

function boundsAfterStart(request: PageRequest): [Position, Position] {
  const { table, index, from, to, is_reverse, start_key } = request;
  if (start_key === null) return [from, to];
  const position = index === null ? table.positionOf(start_key) : table.positionIn(index.schema.key, start_key);
  if (position === null) throw validationError('The provided starting key is invalid');
  return is_reverse ? [from, position] : [[...position, ''], to];
}

/** The attributes that say where a page ended. */
function keyNames(table: Table, index: Index | null): readonly KeyAttribute[] {
  const all = [...keyAttributes(table.schema.key), ...(index === null ? [] : keyAttributes(index.schema.key))];
  return all.filter(({ name }, at) => all.findIndex((other) => other.name === name) === at);
}

function keysOf({ table, index }: PageRequest, item: Item): Item {
  return Object.fromEntries(
    keyNames(table, index).flatMap(({ name }) => {
      const value = attributeOf(item, name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** Reads an ExclusiveStartKey. Throws a `ValidationException` unless it holds exactly the key. */
export function readStartKey(input: object, table: Table, index: Index | null): Item {
  const key = readItem(input);
  const names = keyNames(table, index);
  const fits = names.every(({ name, type }) => {
    const value = attributeOf(key, name);
    return value !== undefined && typeOf(value) === type;
  });
  if (fits && Object.keys(key).length === names.length) return key;
  throw validationError('The provided starting key is invalid: The provided key element does not match the schema');
}
