import { z } from 'zod';
import { isRecord } from './attribute-value.ts';
import { DynamoDbError, validationError } from './errors.ts';

/** A table by its name or its ARN. */
export const tableName = z.string().transform((name) => /^arn:[^/]+:table\/([^/]+)$/.exec(name)?.[1] ?? name);

export const consumedCapacity = z.enum(['INDEXES', 'TOTAL', 'NONE']).default('NONE');
export type ConsumedCapacity = z.output<typeof consumedCapacity>;

export const returnOnFailure = z.enum(['ALL_OLD', 'NONE']).default('NONE');

/** Fields of every request with expressions. What they hold is read by `Placeholders`. */
export const placeholderFields = {
  ExpressionAttributeNames: z.unknown().optional(),
  ExpressionAttributeValues: z.unknown().optional(),
};

/** An item or a key; read by `readItem`. */
export const itemField = z.custom<object>(isRecord);

/** What expressions replaced in 2014. */
const legacy_fields = [
  'AttributesToGet',
  'AttributeUpdates',
  'ConditionalOperator',
  'Expected',
  'KeyConditions',
  'QueryFilter',
  'ScanFilter',
];

/**
 * Reads a request. Throws DynamoDB's `ValidationException` for a field that is missing or out of
 * range, and `SerializationException` for one of another type.
 */
export function readInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  if (!isRecord(input)) throw new DynamoDbError('SerializationException', 'The request is not a JSON object.');
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
  const legacy = legacy_fields.find((field) => Object.hasOwn(given, field));
  if (legacy !== undefined) {
    throw validationError(`${legacy} is not supported by the in-memory DynamoDB: use an expression instead.`);
  }
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const [issue] = error.issues;
  throw issue === undefined ? validationError('The request is invalid.') : toError(issue, given);
}

function toError(issue: z.core.$ZodIssue, input: unknown): DynamoDbError {
  const value = issue.path.reduce(childOf, input);
  const place = issue.path.map((part) => (typeof part === 'number' ? `${part + 1}.member` : lowerFirst(String(part))));
  const constraint = value === undefined ? 'Member must not be null' : constraintOf(issue);
  if (constraint === undefined) {
    return new DynamoDbError('SerializationException', `${place.join('.')} has another type than its field.`);
  }
  const shown = value === undefined ? 'null' : `'${typeof value === 'string' ? value : JSON.stringify(value)}'`;
  const detail = `Value ${shown} at '${place.join('.')}' failed to satisfy constraint: ${constraint}`;
  return validationError(`1 validation error detected: ${detail}`);
}

function constraintOf(issue: z.core.$ZodIssue): string | undefined {
  switch (issue.code) {
    case 'too_small':
      return `Member must have ${issue.origin === 'number' ? 'value' : 'length'} greater than or equal to ${issue.minimum}`;
    case 'too_big':
      return `Member must have ${issue.origin === 'number' ? 'value' : 'length'} less than or equal to ${issue.maximum}`;
    case 'invalid_value':
      return `Member must satisfy enum value set: [${issue.values.join(', ')}]`;
    case 'invalid_format':
      return `Member must satisfy regular expression pattern: ${issue.pattern ?? ''}`;
    default:
      return undefined;
  }
}

function childOf(value: unknown, part: PropertyKey): unknown {
  if (Array.isArray(value)) return value[Number(part)];
  return isRecord(value) && Object.hasOwn(value, part) ? value[String(part)] : undefined;
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
