import { z } from 'zod';
import type { Item } from '../attribute-value.ts';
import { readUnits, showCapacities, type Units, writeUnits } from '../capacity.ts';
import type { Engine, Operation } from '../engine.ts';
import { DynamoDbError, validationError } from '../errors.ts';
import { consumedCapacity, readInput } from '../input.ts';
import { itemSize } from '../item-size.ts';
import type { Table } from '../table.ts';
import {
  type BoundWrite,
  checkFields,
  deleteFields,
  type ParsedWrite,
  parseCheck,
  parseDelete,
  parsePut,
  parseUpdateItem,
  putFields,
  updateFields,
} from './parse-write.ts';

const most_items = 100;
const most_bytes = 4 * 1024 * 1024;
const token_kept_ms = 10 * 60 * 1000;

const actionSchema = z.object({
  ConditionCheck: z.object(checkFields).optional(),
  Put: z.object(putFields).optional(),
  Delete: z.object(deleteFields).optional(),
  Update: z.object({ ...updateFields, UpdateExpression: z.string() }).optional(),
});

const schema = z.object({
  TransactItems: z.array(actionSchema).min(1).max(most_items),
  ClientRequestToken: z.string().min(1).max(36).optional(),
  ReturnConsumedCapacity: consumedCapacity,
});

/** An action that is refused, with the reason that the answer gives. */
interface Refused {
  readonly refused: DynamoDbError;
}

interface Decided {
  readonly write: BoundWrite;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/**
 * All writes or none. A transaction that is cancelled answers with one reason per action. The same
 * ClientRequestToken within ten minutes does nothing a second time.
 */
export const transactWriteItems: Operation = (engine, input) => {
  const read = readInput(schema, input);
  const { TransactItems, ClientRequestToken: token, ReturnConsumedCapacity: asked } = read;
  const request = JSON.stringify(TransactItems);
  const writes = TransactItems.map((action) => parseAction(engine, action)).map(({ bind }) => refusable(bind));
  const bound = writes.flatMap((write) => ('refused' in write ? [] : [write]));
  assertDistinct(bound);
  if (token !== undefined && isAnswered(engine, token, request)) return showCapacities(asked, bound.map(repeated));
  const outcomes = writes.map((write) => ('refused' in write ? write : refusable(() => decide(write))));
  if (outcomes.some((outcome) => 'refused' in outcome)) throw cancelled(outcomes);
  const decided = outcomes.flatMap((outcome) => ('refused' in outcome ? [] : [outcome]));
  if (decided.reduce((bytes, { after }) => bytes + itemSize(after ?? {}), 0) > most_bytes) {
    throw validationError('Transaction request size has exceeded the maximum allowed size of 4 MB');
  }
  const now = engine.now();
  const calls = decided.map(({ write: { table }, before, after }) => {
    if (after !== before) table.replace(before, after, now);
    return { table, units: writeUnits(table, before, after, 2) };
  });
  if (token !== undefined) engine.answered.set(token, { request, at: now });
  return showCapacities(asked, calls);
};

function isAnswered({ answered, now }: Engine, token: string, request: string): boolean {
  for (const [old, { at }] of answered) if (at <= now() - token_kept_ms) answered.delete(old);
  const known = answered.get(token);
  if (known !== undefined && known.request !== request) {
    const message = 'The request has the same ClientRequestToken as an earlier one, and other parameters.';
    throw new DynamoDbError('IdempotentParameterMismatchException', message);
  }
  return known !== undefined;
}

/**
 * Expressions that cannot be parsed and unknown tables refuse the whole call; a bad item cancels
 * it.
 */
function parseAction(
  engine: Engine,
  { ConditionCheck, Put, Delete, Update }: z.output<typeof actionSchema>,
): ParsedWrite {
  const given = [
    ...(ConditionCheck ? [() => parseCheck(engine, ConditionCheck)] : []),
    ...(Put ? [() => parsePut(engine, Put)] : []),
    ...(Delete ? [() => parseDelete(engine, Delete)] : []),
    ...(Update ? [() => parseUpdateItem(engine, Update)] : []),
  ];
  const [first] = given;
  if (first === undefined || given.length > 1) {
    throw validationError('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  return first();
}

function assertDistinct(writes: readonly BoundWrite[]): void {
  const places = new Set(writes.map(({ table, key }) => JSON.stringify([table.schema.name, table.positionOf(key)])));
  if (places.size === writes.length) return;
  throw validationError('Transaction request cannot include multiple operations on one item');
}

function decide(write: BoundWrite): Decided {
  const before = write.table.get(write.key);
  return { write, before, after: write.decide(before) };
}

function refusable<T>(attempt: () => T): T | Refused {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof DynamoDbError) return { refused: error };
    throw error;
  }
}

function cancelled(outcomes: readonly (Decided | Refused)[]): DynamoDbError {
  const reasons = outcomes.map((outcome) => {
    if (!('refused' in outcome)) return { Code: 'None' };
    const { code, message, members } = outcome.refused;
    const is_condition = code === 'ConditionalCheckFailedException';
    return { Code: is_condition ? 'ConditionalCheckFailed' : 'ValidationError', Message: message, ...members };
  });
  const codes = reasons.map(({ Code }) => Code).join(', ');
  return new DynamoDbError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
}

/** A repeated transaction costs what reading its items costs. */
function repeated({ table, key }: BoundWrite): { table: Table; units: Units } {
  const units = readUnits(itemSize(table.get(key) ?? {}), 'transaction');
  return { table, units: { table: units, indexes: new Map() } };
}
