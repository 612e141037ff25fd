import { z } from 'zod';
import type { Item } from '../attribute-value.ts';
import { showCapacities, showCapacity, writeUnits } from '../capacity.ts';
import { type Engine, type Operation, tableNamed } from '../engine.ts';
import { validationError } from '../errors.ts';
import { project } from '../expressions/projection.ts';
import { consumedCapacity, itemField, readInput, tableName } from '../input.ts';
import {
  type BoundWrite,
  deleteFields,
  parseDelete,
  parsePut,
  parseUpdateItem,
  putFields,
  updateFields,
} from './parse-write.ts';

const oldOrNone = z.enum(['ALL_OLD', 'NONE', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW']).default('NONE');
const shared = { ReturnConsumedCapacity: consumedCapacity, ReturnValues: oldOrNone };
const putSchema = z.object({ ...putFields, ...shared });
const deleteSchema = z.object({ ...deleteFields, ...shared });
const updateSchema = z.object({ ...updateFields, ...shared });

export const putItem: Operation = (engine, input) => {
  const read = readInput(putSchema, input);
  assertOldOrNone(read.ReturnValues);
  return write(engine, parsePut(engine, read).bind(), read);
};

export const deleteItem: Operation = (engine, input) => {
  const read = readInput(deleteSchema, input);
  assertOldOrNone(read.ReturnValues);
  return write(engine, parseDelete(engine, read).bind(), read);
};

export const updateItem: Operation = (engine, input) => {
  const read = readInput(updateSchema, input);
  return write(engine, parseUpdateItem(engine, read).bind(), read);
};

function assertOldOrNone(wanted: z.output<typeof oldOrNone>): void {
  if (wanted === 'ALL_OLD' || wanted === 'NONE') return;
  throw validationError('ReturnValues can only be ALL_OLD or NONE');
}

interface Wanted {
  readonly ReturnConsumedCapacity: z.output<typeof consumedCapacity>;
  readonly ReturnValues: z.output<typeof oldOrNone>;
}

function write(engine: Engine, bound: BoundWrite, wanted: Wanted): object {
  const { table, key } = bound;
  const before = table.get(key);
  const after = bound.decide(before);
  table.replace(before, after, engine.now());
  const attributes = returned(wanted.ReturnValues, bound, before, after);
  return {
    ...(attributes !== undefined && Object.keys(attributes).length > 0 && { Attributes: attributes }),
    ...showCapacity(wanted.ReturnConsumedCapacity, table, writeUnits(table, before, after, 1)),
  };
}

function returned(
  wanted: Wanted['ReturnValues'],
  { paths }: BoundWrite,
  before: Item | undefined,
  after: Item | undefined,
): Item | undefined {
  switch (wanted) {
    case 'ALL_OLD':
      return before;
    case 'ALL_NEW':
      return after;
    case 'UPDATED_OLD':
      return before && project(before, paths);
    case 'UPDATED_NEW':
      return after && project(after, paths);
    default:
      return undefined;
  }
}

const most_batch_writes = 25;

const batchSchema = z.object({
  RequestItems: z.record(
    z.string(),
    z
      .array(
        z.object({
          PutRequest: z.object({ Item: itemField }).optional(),
          DeleteRequest: z.object({ Key: itemField }).optional(),
        }),
      )
      .min(1),
  ),
  ReturnConsumedCapacity: consumedCapacity,
});

/** Puts and deletes without conditions. Nothing is written where one of them is refused. */
export const batchWriteItem: Operation = (engine, input) => {
  const { RequestItems, ReturnConsumedCapacity } = readInput(batchSchema, input);
  const writes = Object.entries(RequestItems).flatMap(([name, requests]) => {
    const TableName = tableName.parse(name);
    tableNamed(engine, TableName);
    return requests.map(({ PutRequest, DeleteRequest }) => batchedWrite(engine, TableName, PutRequest, DeleteRequest));
  });
  if (writes.length === 0 || writes.length > most_batch_writes) {
    throw validationError('Too many items requested for the BatchWriteItem call');
  }
  const places = new Set(writes.map(({ table, key }) => JSON.stringify([table.schema.name, table.positionOf(key)])));
  if (places.size < writes.length) throw validationError('Provided list of item keys contains duplicates');
  const calls = writes.map(({ table, key, decide }) => {
    const before = table.get(key);
    const after = decide(before);
    table.replace(before, after, engine.now());
    return { table, units: writeUnits(table, before, after, 1) };
  });
  return { UnprocessedItems: {}, ...showCapacities(ReturnConsumedCapacity, calls) };
};

function batchedWrite(
  engine: Engine,
  TableName: string,
  put: { Item: object } | undefined,
  del: { Key: object } | undefined,
): BoundWrite {
  const unconditional = { TableName, ReturnValuesOnConditionCheckFailure: 'NONE' } as const;
  if (put !== undefined && del === undefined) return parsePut(engine, { ...unconditional, ...put }).bind();
  if (del !== undefined && put === undefined) return parseDelete(engine, { ...unconditional, ...del }).bind();
  throw validationError(
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
  );
}
