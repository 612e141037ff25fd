import type { Item } from './attribute-value.ts';
import { areItemsEqual } from './compare-values.ts';
import type { ConsumedCapacity } from './input.ts';
import { itemSize } from './item-size.ts';
import type { Table } from './table.ts';

/** Capacity units of a table, and of its indexes by name. */
export interface Units {
  readonly table: number;
  readonly indexes: ReadonlyMap<string, number>;
}

const read_unit_bytes = 4096;
const write_unit_bytes = 1024;

/**
 * What reading so many bytes costs: half of it when the read may be stale, the double in a
 * transaction.
 */
export function readUnits(bytes: number, kind: 'eventual' | 'consistent' | 'transaction'): number {
  const factor = { eventual: 0.5, consistent: 1, transaction: 2 }[kind];
  return Math.max(1, Math.ceil(bytes / read_unit_bytes)) * factor;
}

/** What a write costs in the table and in each index that it changes. */
export function writeUnits(table: Table, before: Item | undefined, after: Item | undefined, factor: 1 | 2): Units {
  const indexes = new Map<string, number>();
  for (const [name, { schema }] of table.indexes) {
    const held = (item: Item | undefined) =>
      item !== undefined && table.positionIn(schema.key, item) !== null ? table.projected(schema, item) : undefined;
    const [old, next] = [held(before), held(after)];
    if (old !== undefined && next !== undefined && areItemsEqual(old, next)) continue;
    const moves =
      old !== undefined &&
      next !== undefined &&
      String(table.positionIn(schema.key, old)) !== String(table.positionIn(schema.key, next));
    const units = moves ? unitsOf(old) + unitsOf(next) : Math.max(unitsOf(old), unitsOf(next));
    if (units > 0) indexes.set(name, units * factor);
  }
  return { table: Math.max(1, unitsOf(before), unitsOf(after)) * factor, indexes };
}

const unitsOf = (item: Item | undefined) => (item === undefined ? 0 : Math.ceil(itemSize(item) / write_unit_bytes));

/** The units of several calls on one table. */
export function sumUnits(all: readonly Units[]): Units {
  const indexes = new Map<string, number>();
  for (const units of all) {
    for (const [name, count] of units.indexes) indexes.set(name, (indexes.get(name) ?? 0) + count);
  }
  return { table: all.reduce((sum, { table }) => sum + table, 0), indexes };
}

/** The answer's `ConsumedCapacity` for one table, as far as it was asked for. */
export function showCapacity(asked: ConsumedCapacity, table: Table, units: Units): { ConsumedCapacity?: object } {
  return asked === 'NONE' ? {} : { ConsumedCapacity: capacityOf(asked, table, units) };
}

/** As `showCapacity`, of calls that touch several tables: one entry for each of them. */
export function showCapacities(
  asked: ConsumedCapacity,
  calls: readonly { readonly table: Table; readonly units: Units }[],
): { ConsumedCapacity?: object[] } {
  if (asked === 'NONE') return {};
  const tables = [...new Set(calls.map(({ table }) => table))];
  return {
    ConsumedCapacity: tables.map((table) => {
      const units = sumUnits(calls.filter((call) => call.table === table).map((call) => call.units));
      return capacityOf(asked, table, units);
    }),
  };
}

function capacityOf(asked: ConsumedCapacity, { schema }: Table, { table, indexes }: Units): object {
  const CapacityUnits = [...indexes.values()].reduce((sum, units) => sum + units, table);
  if (asked === 'TOTAL') return { TableName: schema.name, CapacityUnits };
  const of = (is_global: boolean) => {
    const names = schema.indexes.filter((index) => index.is_global === is_global).map(({ name }) => name);
    const shown = names.flatMap((name) => {
      const units = indexes.get(name);
      return units === undefined ? [] : [[name, { CapacityUnits: units }] as const];
    });
    return shown.length === 0 ? undefined : Object.fromEntries(shown);
  };
  return {
    TableName: schema.name,
    CapacityUnits,
    Table: { CapacityUnits: table },
    GlobalSecondaryIndexes: of(true),
    LocalSecondaryIndexes: of(false),
  };
}
