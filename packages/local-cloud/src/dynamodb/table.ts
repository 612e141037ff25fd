import { type AttributeValue, attributeOf, type Item } from './attribute-value.ts';
import { areItemsEqual } from './compare-values.ts';
import { DynamoDbError, validationError } from './errors.ts';
import { assertIndexKey, type KeySchema, keyAttributes, keyInItem, positionOf } from './keys.ts';
import type { IndexSchema, StreamView, TableSchema } from './schema.ts';
import { type Position, SortedRows } from './sorted-rows.ts';
import { Stream } from './stream.ts';

/** A secondary index with the items it holds, as far as it projects them. */
export interface Index {
  readonly schema: IndexSchema;
  readonly rows: SortedRows<Item>;
}

/** One table: its rows, its indexes and its stream. Items are replaced, never changed. */
export class Table {
  readonly schema: TableSchema;
  readonly created_at: number;
  readonly rows = new SortedRows<Item>();
  readonly indexes: ReadonlyMap<string, Index>;
  time_to_live: { readonly attribute: string } | null = null;
  is_protected: boolean;
  /** All streams the table ever had; the last one is the running one, if it is enabled. */
  readonly streams: Stream[] = [];

  constructor(schema: TableSchema, created_at: number) {
    this.schema = schema;
    this.created_at = created_at;
    this.indexes = new Map(schema.indexes.map((index) => [index.name, { schema: index, rows: new SortedRows() }]));
    this.is_protected = schema.is_protected;
    if (schema.stream_view !== null) this.setStream(schema.stream_view, created_at);
  }

  /** The stream that takes changes now. */
  get stream(): Stream | null {
    const last = this.streams.at(-1);
    return last?.is_enabled ? last : null;
  }

  /**
   * Starts a new stream, or with null stops the running one. Throws a `ValidationException` if it
   * is so already.
   */
  setStream(view: StreamView | null, now: number): void {
    const { stream } = this;
    if (view === null && stream === null) throw validationError('Table has no stream to disable');
    if (view !== null && stream !== null) {
      throw new DynamoDbError(
        'ResourceInUseException',
        `Table already has an enabled stream: TableName: ${this.schema.name}`,
      );
    }
    if (stream !== null) stream.is_enabled = false;
    if (view !== null) this.streams.push(new Stream(this.schema, view, now));
  }

  /** The item with exactly this key. */
  get(key: Item): Item | undefined {
    return this.rows.get(this.positionOf(key));
  }

  /** Throws a `ValidationException` for an item whose key or index keys the table cannot hold. */
  assertFits(item: Item): void {
    keyInItem(item, this.schema.key);
    for (const { name, key } of this.schema.indexes) assertIndexKey(item, name, key);
  }

  /** Puts `after` in the place of `before`; either may be absent. `now` is in milliseconds. */
  replace(before: Item | undefined, after: Item | undefined, now: number): void {
    const either = after ?? before;
    if (either === undefined) return;
    this.rows.set(this.positionOf(either), after);
    for (const index of this.indexes.values()) this.#replaceIn(index, before, after);
    if (before !== undefined && after !== undefined && areItemsEqual(before, after)) return;
    this.stream?.append({ key: keyInItem(either, this.schema.key), before, after }, now);
  }

  positionOf(item: Item): Position {
    const position = positionOf(item, this.schema.key);
    if (position === null) throw new Error('an item without its key');
    return position;
  }

  #replaceIn({ schema, rows }: Index, before: Item | undefined, after: Item | undefined): void {
    const old = before && this.positionIn(schema.key, before);
    const next = after && this.positionIn(schema.key, after);
    if (old) rows.set(old, undefined);
    if (next && after) rows.set(next, this.projected(schema, after));
  }

  /** Where the item stands in an index; null where the index does not hold it. */
  positionIn(index_key: KeySchema, item: Item): Position | null {
    const position = positionOf(item, index_key);
    return position === null ? null : [...position, ...this.positionOf(item)];
  }

  /** What the index holds of the item. */
  projected({ key, projected }: IndexSchema, item: Item): Item {
    if (projected === 'ALL') return item;
    const kept = new Set([...keyAttributes(this.schema.key), ...keyAttributes(key)].map(({ name }) => name));
    for (const name of projected) kept.add(name);
    return Object.fromEntries(
      [...kept].flatMap((name): [string, AttributeValue][] => {
        const value = attributeOf(item, name);
        return value === undefined ? [] : [[name, value]];
      }),
    );
  }
}
