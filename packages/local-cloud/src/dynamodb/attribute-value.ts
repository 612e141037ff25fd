import { DynamoDbError, invalidParameter, validationError } from './errors.ts';
import { normalizeNumber } from './numbers.ts';

/** A value as it travels: binary as base64, numbers as normalized text. Never changed in place. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

/** Attributes by name. Names come from callers: read them with `attributeOf`. */
export type Item = Readonly<Record<string, AttributeValue>>;

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M';

const most_levels = 32;

/** The attribute, also where its name is that of a property that every object inherits. */
export function attributeOf(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** `S`, `N` and so on. */
export function typeOf(value: AttributeValue): AttributeType {
  for (const type in value) if (isType(type)) return type;
  throw new Error('a value without a type');
}

/** Reads the attributes of a request. Throws as DynamoDB does for a value that it refuses. */
export function readItem(input: unknown, level = 0): Item {
  if (!isRecord(input)) throw serializationError();
  return Object.fromEntries(Object.entries(input).map(([name, value]) => [name, readValue(value, level)]));
}

/** Reads one value of a request. Throws as DynamoDB does for a value that it refuses. */
export function readValue(input: unknown, level = 0): AttributeValue {
  if (!isRecord(input)) throw serializationError();
  const [first, second] = Object.entries(input);
  const must = 'must contain exactly one of the supported datatypes';
  if (first === undefined) throw validationError(`Supplied AttributeValue is empty, ${must}`);
  if (second !== undefined) {
    throw validationError(`Supplied AttributeValue has more than one datatypes set, ${must}`);
  }
  if (level > most_levels) throw validationError('Nesting Levels have exceeded supported limits');
  return readTyped(first[0], first[1], level);
}

function readTyped(type: string, content: unknown, level: number): AttributeValue {
  switch (type) {
    case 'S':
      return { S: readString(content) };
    case 'N':
      return { N: readNumber(content) };
    case 'B':
      return { B: readBinary(content) };
    case 'BOOL':
      if (typeof content !== 'boolean') throw serializationError();
      return { BOOL: content };
    case 'NULL':
      if (content !== true) throw invalidParameter('Null attribute value types must have the value of true');
      return { NULL: true };
    case 'SS':
      return { SS: readSet(content, readString, 'An string set  may not be empty') };
    case 'NS':
      return { NS: readSet(content, readNumber, 'An number set  may not be empty') };
    case 'BS':
      return { BS: readSet(content, readBinary, 'Binary sets should not be empty') };
    case 'L':
      if (!Array.isArray(content)) throw serializationError();
      return { L: content.map((one) => readValue(one, level + 1)) };
    case 'M':
      return { M: readItem(content, level + 1) };
    default:
      throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
}

function readString(content: unknown): string {
  if (typeof content !== 'string') throw serializationError();
  return content;
}

const readNumber = (content: unknown) => normalizeNumber(readString(content));

function readBinary(content: unknown): string {
  const text = readString(content);
  if (Buffer.from(text, 'base64').toString('base64') !== text) {
    throw new DynamoDbError('SerializationException', 'only base-64-encoded strings are convertible to bytes');
  }
  return text;
}

function readSet(content: unknown, read: (one: unknown) => string, empty: string): string[] {
  if (!Array.isArray(content)) throw serializationError();
  if (content.length === 0) throw invalidParameter(empty);
  const members = content.map(read);
  if (new Set(members).size < members.length) {
    if (read === readNumber) throw validationError('Input collection contains duplicates');
    throw invalidParameter(`Input collection [${content.join(', ')}] contains duplicates.`);
  }
  return members;
}

const types: readonly string[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'] satisfies AttributeType[];

export const isType = (text: string): text is AttributeType => types.includes(text);

export const isRecord = (input: unknown): input is Record<string, unknown> =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

const serializationError = () =>
  new DynamoDbError('SerializationException', 'A value of the request has another type than its field.');
