import { z } from 'zod';
import { type Item, readItem } from '../attribute-value.ts';
import { type Engine, tableNamed } from '../engine.ts';
import { DynamoDbError, invalidParameter, validationError } from '../errors.ts';
import { applyUpdate } from '../expressions/apply-update.ts';
import type { Condition } from '../expressions/condition.ts';
import { fulfils } from '../expressions/evaluate-condition.ts';
import { parseCondition } from '../expressions/parse-condition.ts';
import type { Path } from '../expressions/path.ts';
import { Placeholders } from '../expressions/placeholders.ts';
import { parseUpdate, type UpdateAction } from '../expressions/update.ts';
import { itemField, placeholderFields, returnOnFailure, tableName } from '../input.ts';
import { itemSize, largest_item_bytes } from '../item-size.ts';
import { exactKey, keyAttributes, keyInItem } from '../keys.ts';
import type { Table } from '../table.ts';

const conditionFields = {
  TableName: tableName,
  ConditionExpression: z.string().optional(),
  ReturnValuesOnConditionCheckFailure: returnOnFailure,
  ...placeholderFields,
};

export const putFields = { ...conditionFields, Item: itemField };
export const deleteFields = { ...conditionFields, Key: itemField };
export const updateFields = { ...conditionFields, Key: itemField, UpdateExpression: z.string().optional() };
export const checkFields = { ...conditionFields, Key: itemField, ConditionExpression: z.string() };

const putSchema = z.object(putFields);
const keyedSchema = z.object(deleteFields);
const updateSchema = z.object(updateFields);

/** A write whose expressions are parsed and whose table is known. */
export interface ParsedWrite {
  readonly table: Table;
  /** Throws a `ValidationException` where the table cannot hold the key or the item. */
  readonly bind: () => BoundWrite;
}

/** A write whose key is known to fit its table. */
export interface BoundWrite {
  readonly table: Table;
  readonly key: Item;
  /** The paths that an update names. */
  readonly paths: readonly Path[];
  /**
   * What the write makes of the item. Throws `ConditionalCheckFailedException`, or a
   * `ValidationException` where the result is no item that the table takes.
   */
  readonly decide: (before: Item | undefined) => Item | undefined;
}

export function parsePut(engine: Engine, input: z.output<typeof putSchema>): ParsedWrite {
  const item = readItem(input.Item);
  const { condition } = parsedExpressions(input);
  const table = tableNamed(engine, input.TableName);
  const bind = () => {
    const key = keyInItem(item, table.schema.key);
    table.assertFits(item);
    assertSize(item, 'Item size has exceeded the maximum allowed size');
    const decide = (before: Item | undefined) => {
      assertCondition(condition, before, input.ReturnValuesOnConditionCheckFailure);
      return item;
    };
    return { table, key, paths: [], decide };
  };
  return { table, bind };
}

export function parseDelete(engine: Engine, input: z.output<typeof keyedSchema>): ParsedWrite {
  return parseKeyed(engine, input, () => undefined);
}

/** Of a transaction: changes nothing, but must hold. */
export function parseCheck(engine: Engine, input: z.output<typeof keyedSchema>): ParsedWrite {
  return parseKeyed(engine, input, (before) => before);
}

function parseKeyed(
  engine: Engine,
  input: z.output<typeof keyedSchema>,
  after: (before: Item | undefined) => Item | undefined,
): ParsedWrite {
  const given = readItem(input.Key);
  const { condition } = parsedExpressions(input);
  const table = tableNamed(engine, input.TableName);
  const decide = (before: Item | undefined) => {
    assertCondition(condition, before, input.ReturnValuesOnConditionCheckFailure);
    return after(before);
  };
  return { table, bind: () => ({ table, key: exactKey(given, table.schema.key), paths: [], decide }) };
}

export function parseUpdateItem(engine: Engine, input: z.output<typeof updateSchema>): ParsedWrite {
  const given = readItem(input.Key);
  const { condition, actions } = parsedExpressions(input);
  const table = tableNamed(engine, input.TableName);
  const paths = actions.map(({ path }) => path);
  const bind = () => {
    const key = exactKey(given, table.schema.key);
    assertNoKey(table, paths);
    const decide = (before: Item | undefined) => {
      assertCondition(condition, before, input.ReturnValuesOnConditionCheckFailure);
      const after = applyUpdate(before ?? key, actions);
      table.assertFits(after);
      assertSize(after, 'Item size to update has exceeded the maximum allowed size');
      return after;
    };
    return { table, key, paths, decide };
  };
  return { table, bind };
}

/** The placeholders' fields, and the expressions that use them. */
type Expressions = Pick<z.output<typeof updateSchema>, keyof typeof placeholderFields | 'ConditionExpression'> & {
  readonly UpdateExpression?: string | undefined;
};

function parsedExpressions(input: Expressions): { condition: Condition | null; actions: readonly UpdateAction[] } {
  const placeholders = new Placeholders(input);
  const { UpdateExpression: update, ConditionExpression: condition } = input;
  if (update === undefined && condition === undefined) placeholders.assertNone();
  const parsed = {
    actions: update === undefined ? [] : parseUpdate(update, placeholders),
    condition: condition === undefined ? null : parseCondition('ConditionExpression', condition, placeholders),
  };
  placeholders.assertAllUsed();
  return parsed;
}

function assertCondition(
  condition: Condition | null,
  before: Item | undefined,
  on_failure: z.output<typeof returnOnFailure>,
): void {
  if (condition === null || fulfils(before ?? {}, condition)) return;
  const told = on_failure === 'ALL_OLD' && before !== undefined ? { Item: before } : {};
  throw new DynamoDbError('ConditionalCheckFailedException', 'The conditional request failed', told);
}

function assertSize(item: Item, message: string): void {
  if (itemSize(item) > largest_item_bytes) throw validationError(message);
}

function assertNoKey(table: Table, paths: readonly Path[]): void {
  const keys = new Set(keyAttributes(table.schema.key).map(({ name }) => name));
  const [name] = paths.find(([first]) => keys.has(first)) ?? [];
  if (name !== undefined) {
    throw invalidParameter(`Cannot update attribute ${name}. This attribute is part of the key`);
  }
}
