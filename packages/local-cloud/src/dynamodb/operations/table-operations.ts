import { z } from 'zod';
import { describeTable } from '../describe-table.ts';
import type { Engine, Operation } from '../engine.ts';
import { DynamoDbError, validationError } from '../errors.ts';
import { readInput, tableName } from '../input.ts';
import { createTableInput, readStreamView, readTableSchema, streamInput } from '../schema.ts';
import { Table } from '../table.ts';

const named = z.object({ TableName: tableName });

/** The table is usable at once. */
export const createTable: Operation = (engine, input) => {
  const schema = readTableSchema(readInput(createTableInput, input));
  if (engine.tables.has(schema.name)) {
    throw new DynamoDbError('ResourceInUseException', `Table already exists: ${schema.name}`);
  }
  const table = new Table(schema, engine.now());
  engine.tables.set(schema.name, table);
  return { TableDescription: describeTable(table) };
};

export const describeTableOperation: Operation = (engine, input) => {
  return { Table: describeTable(known(engine, readInput(named, input).TableName)) };
};

export const deleteTable: Operation = (engine, input) => {
  const table = known(engine, readInput(named, input).TableName);
  if (table.is_protected) {
    const rule =
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.';
    throw validationError(rule);
  }
  engine.tables.delete(table.schema.name);
  return { TableDescription: { ...describeTable(table), TableStatus: 'DELETING' } };
};

const listSchema = z.object({
  ExclusiveStartTableName: z.string().optional(),
  Limit: z.number().int().min(1).max(100).default(100),
});

export const listTables: Operation = (engine, input) => {
  const { ExclusiveStartTableName: start, Limit } = readInput(listSchema, input);
  const names = [...engine.tables.keys()].toSorted().filter((name) => start === undefined || name > start);
  const page = names.slice(0, Limit);
  return { TableNames: page, ...(page.length < names.length && { LastEvaluatedTableName: page.at(-1) }) };
};

const updateSchema = z.object({
  TableName: tableName,
  StreamSpecification: streamInput.optional(),
  DeletionProtectionEnabled: z.boolean().optional(),
  GlobalSecondaryIndexUpdates: z.unknown().optional(),
});

/**
 * Starts or stops the stream, and protects against deletion. Indexes are given when the table is
 * created.
 */
export const updateTable: Operation = (engine, input) => {
  const read = readInput(updateSchema, input);
  const table = known(engine, read.TableName);
  if (read.GlobalSecondaryIndexUpdates !== undefined) {
    throw validationError('The in-memory DynamoDB makes indexes with the table only: create the table again.');
  }
  if (read.StreamSpecification !== undefined) {
    table.setStream(readStreamView(read.StreamSpecification), engine.now());
  }
  if (read.DeletionProtectionEnabled !== undefined) table.is_protected = read.DeletionProtectionEnabled;
  return { TableDescription: describeTable(table) };
};

const timeToLiveSchema = z.object({
  TableName: tableName,
  TimeToLiveSpecification: z.object({ AttributeName: z.string().min(1), Enabled: z.boolean() }),
});

/** Kept as a setting: the in-memory DynamoDB deletes nothing by time. */
export const updateTimeToLive: Operation = (engine, input) => {
  const { TableName, TimeToLiveSpecification: wanted } = readInput(timeToLiveSchema, input);
  const table = known(engine, TableName);
  const is_enabled = table.time_to_live !== null;
  if (is_enabled === wanted.Enabled) {
    throw validationError(`TimeToLive is already ${is_enabled ? 'enabled' : 'disabled'}`);
  }
  table.time_to_live = wanted.Enabled ? { attribute: wanted.AttributeName } : null;
  return { TimeToLiveSpecification: wanted };
};

export const describeTimeToLive: Operation = (engine, input) => {
  const { time_to_live } = known(engine, readInput(named, input).TableName);
  const TimeToLiveDescription =
    time_to_live === null
      ? { TimeToLiveStatus: 'DISABLED' }
      : { TimeToLiveStatus: 'ENABLED', AttributeName: time_to_live.attribute };
  return { TimeToLiveDescription };
};

function known({ tables }: Engine, name: string): Table {
  const table = tables.get(name);
  if (table !== undefined) return table;
  throw new DynamoDbError('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
}
