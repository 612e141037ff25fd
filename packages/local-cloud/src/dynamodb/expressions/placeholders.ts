import { type AttributeValue, isRecord, readValue } from '../attribute-value.ts';
import { DynamoDbError, validationError } from '../errors.ts';

/** The fields of a request that stand for names and values in its expressions. */
export interface PlaceholderInput {
  readonly ExpressionAttributeNames?: unknown;
  readonly ExpressionAttributeValues?: unknown;
}

/** What `#name` and `:value` stand for in the expressions of one request. */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #unused_names: Set<string>;
  readonly #unused_values: Set<string>;

  /** Throws a `ValidationException` for a placeholder that is malformed or stands for no value. */
  constructor({ ExpressionAttributeNames: names, ExpressionAttributeValues: values }: PlaceholderInput) {
    this.#names = new Map(fields('ExpressionAttributeNames', '#', names).map(([key, name]) => [key, readName(name)]));
    this.#values = new Map(
      fields('ExpressionAttributeValues', ':', values).map(([key, value]) => [key, readNamed(key, value)]),
    );
    this.#unused_names = new Set(this.#names.keys());
    this.#unused_values = new Set(this.#values.keys());
  }

  nameOf(placeholder: string): string {
    const name = this.#names.get(placeholder);
    if (name === undefined) {
      const what = 'An expression attribute name used in the document path is not defined';
      throw validationError(`${what}; attribute name: ${placeholder}`);
    }
    this.#unused_names.delete(placeholder);
    return name;
  }

  valueOf(placeholder: string): AttributeValue {
    const value = this.#values.get(placeholder);
    if (value === undefined) {
      const what = 'An expression attribute value used in expression is not defined';
      throw validationError(`${what}; attribute value: ${placeholder}`);
    }
    this.#unused_values.delete(placeholder);
    return value;
  }

  /**
   * Call it after all expressions are parsed. Throws a `ValidationException` for what none of them
   * uses.
   */
  assertAllUsed(): void {
    const refuse = (what: string, keys: ReadonlySet<string>) => {
      if (keys.size === 0) return;
      throw validationError(`Value provided in ${what} unused in expressions: keys: {${[...keys].join(', ')}}`);
    };
    refuse('ExpressionAttributeNames', this.#unused_names);
    refuse('ExpressionAttributeValues', this.#unused_values);
  }

  /** Call it for a request that has no expression at all. */
  assertNone(): void {
    const refuse = (what: string, all: ReadonlyMap<string, unknown>) => {
      if (all.size > 0) throw validationError(`${what} can only be specified when using expressions`);
    };
    refuse('ExpressionAttributeNames', this.#names);
    refuse('ExpressionAttributeValues', this.#values);
  }
}

function fields(what: string, sigil: string, input: unknown): [string, unknown][] {
  if (input === undefined) return [];
  if (!isRecord(input)) throw new DynamoDbError('SerializationException', `${what} is not a map.`);
  const all = Object.entries(input);
  if (all.length === 0) throw validationError(`${what} must not be empty`);
  for (const [key] of all) {
    if (key.startsWith(sigil) && /^.[A-Za-z0-9_]+$/.test(key)) continue;
    throw validationError(`${what} contains invalid key: Syntax error; key: "${key}"`);
  }
  return all;
}

function readName(name: unknown): string {
  if (typeof name === 'string') return name;
  throw new DynamoDbError('SerializationException', 'The name of an attribute is not a string.');
}

function readNamed(key: string, value: unknown): AttributeValue {
  try {
    return readValue(value);
  } catch (error) {
    if (!(error instanceof DynamoDbError)) throw error;
    const message = `ExpressionAttributeValues contains invalid value: ${error.message} for key ${key}`;
    throw new DynamoDbError(error.code, message);
  }
}
