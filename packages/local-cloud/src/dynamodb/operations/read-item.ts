import { z } from 'zod';
import { type Item, readItem } from '../attribute-value.ts';
import { readUnits, showCapacities, showCapacity, type Units } from '../capacity.ts';
import { type Operation, tableNamed } from '../engine.ts';
import { validationError } from '../errors.ts';
import type { Path } from '../expressions/path.ts';
import { type PlaceholderInput, Placeholders } from '../expressions/placeholders.ts';
import { parseProjection, project } from '../expressions/projection.ts';
import { consumedCapacity, itemField, placeholderFields, readInput, tableName } from '../input.ts';
import { itemSize } from '../item-size.ts';
import { exactKey } from '../keys.ts';
import type { Table } from '../table.ts';

const projectionFields = {
  ProjectionExpression: z.string().optional(),
  ExpressionAttributeNames: placeholderFields.ExpressionAttributeNames,
};

const getSchema = z.object({
  TableName: tableName,
  Key: itemField,
  ConsistentRead: z.boolean().default(false),
  ReturnConsumedCapacity: consumedCapacity,
  ...projectionFields,
});

export const getItem: Operation = (engine, input) => {
  const read = readInput(getSchema, input);
  const given = readItem(read.Key);
  const paths = parsedProjection(read);
  const table = tableNamed(engine, read.TableName);
  const item = table.get(exactKey(given, table.schema.key));
  const units = unitsOf(item, read.ConsistentRead ? 'consistent' : 'eventual');
  return { ...shown(item, paths), ...showCapacity(read.ReturnConsumedCapacity, table, units) };
};

const most_batch_gets = 100;
const most_answer_bytes = 16 * 1024 * 1024;

const batchSchema = z.object({
  RequestItems: z.record(
    z.string(),
    z.object({
      Keys: z.array(itemField).min(1),
      ConsistentRead: z.boolean().default(false),
      ...projectionFields,
    }),
  ),
  ReturnConsumedCapacity: consumedCapacity,
});

/** What would exceed 16 MB comes back as `UnprocessedKeys`. */
export const batchGetItem: Operation = (engine, input) => {
  const { RequestItems, ReturnConsumedCapacity } = readInput(batchSchema, input);
  const requests = Object.entries(RequestItems).map(([name, request]) => {
    const paths = parsedProjection(request);
    const table = tableNamed(engine, tableName.parse(name));
    const keys = request.Keys.map((key) => exactKey(readItem(key), table.schema.key));
    assertDistinct(table, keys);
    return { name, request, table, keys, paths };
  });
  const count = requests.reduce((sum, { keys }) => sum + keys.length, 0);
  if (count === 0 || count > most_batch_gets) {
    throw validationError('Too many items requested for the BatchGetItem call');
  }
  let bytes = 0;
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, object> = {};
  const calls = requests.flatMap(({ name, request, table, keys, paths }) => {
    const left = keys.filter((key) => {
      const item = table.get(key);
      bytes += itemSize(item ?? {});
      if (bytes > most_answer_bytes) return true;
      if (item !== undefined) responses[name] = [...(responses[name] ?? []), shownItem(item, paths)];
      return false;
    });
    responses[name] ??= [];
    if (left.length > 0) unprocessed[name] = { ...request, Keys: left };
    const kind = request.ConsistentRead ? 'consistent' : 'eventual';
    return keys.map((key) => ({ table, units: unitsOf(table.get(key), kind) }));
  });
  return {
    Responses: responses,
    UnprocessedKeys: unprocessed,
    ...showCapacities(ReturnConsumedCapacity, calls),
  };
};

const transactSchema = z.object({
  TransactItems: z
    .array(z.object({ Get: z.object({ TableName: tableName, Key: itemField, ...projectionFields }) }))
    .min(1)
    .max(100),
  ReturnConsumedCapacity: consumedCapacity,
});

export const transactGetItems: Operation = (engine, input) => {
  const { TransactItems, ReturnConsumedCapacity } = readInput(transactSchema, input);
  const gets = TransactItems.map(({ Get }) => {
    const paths = parsedProjection(Get);
    const table = tableNamed(engine, Get.TableName);
    return { table, key: exactKey(readItem(Get.Key), table.schema.key), paths };
  });
  const places = new Set(gets.map(({ table, key }) => JSON.stringify([table.schema.name, table.positionOf(key)])));
  if (places.size < gets.length) {
    throw validationError('Transaction request cannot include multiple operations on one item');
  }
  const calls = gets.map(({ table, key }) => ({ table, units: unitsOf(table.get(key), 'transaction') }));
  return {
    Responses: gets.map(({ table, key, paths }) => shown(table.get(key), paths)),
    ...showCapacities(ReturnConsumedCapacity, calls),
  };
};

type Projection = PlaceholderInput & { readonly ProjectionExpression?: string | undefined };

/** Null for all attributes. */
function parsedProjection(input: Projection): readonly Path[] | null {
  const placeholders = new Placeholders(input);
  if (input.ProjectionExpression === undefined) {
    placeholders.assertNone();
    return null;
  }
  const paths = parseProjection(input.ProjectionExpression, placeholders);
  placeholders.assertAllUsed();
  return paths;
}

const shown = (item: Item | undefined, paths: readonly Path[] | null) =>
  item === undefined ? {} : { Item: shownItem(item, paths) };

const shownItem = (item: Item, paths: readonly Path[] | null) => (paths === null ? item : project(item, paths));

function unitsOf(item: Item | undefined, kind: Parameters<typeof readUnits>[1]): Units {
  return { table: readUnits(itemSize(item ?? {}), kind), indexes: new Map() };
}

function assertDistinct(table: Table, keys: readonly Item[]): void {
  const places = new Set(keys.map((key) => JSON.stringify(table.positionOf(key))));
  if (places.size < keys.length) throw validationError('Provided list of item keys contains duplicates');
}
