import type { JsonSchema } from './document.ts';

/** What a keyword of JSON Schema says against a value, if anything. */
type Keyword = (schema: JsonSchema, value: unknown, at: string) => string | null;

/** Keywords that say nothing about values, or whose pattern says the same. */
const silent = new Set(['description', 'default', 'title', 'format', 'required', 'additionalProperties']);

const keywords: Readonly<Record<string, Keyword>> = {
  type: ({ type }, value, at) =>
    [type].flat().some((one) => hasType(one, value)) ? null : `${at} is not of type ${String(type)}`,
  const: (schema, value, at) => (value === schema.const ? null : `${at} is not ${String(schema.const)}`),
  enum: (schema, value, at) => (schema.enum?.some((one) => one === value) ? null : `${at} is none of its values`),
  minimum: ({ minimum = 0 }, value, at) => (typeof value === 'number' && value < minimum ? `${at} < ${minimum}` : null),
  maximum: ({ maximum = 0 }, value, at) => (typeof value === 'number' && value > maximum ? `${at} > ${maximum}` : null),
  minLength: ({ minLength = 0 }, value, at) =>
    typeof value === 'string' && lengthOf(value) < minLength ? `${at} is shorter than ${minLength}` : null,
  maxLength: ({ maxLength = 0 }, value, at) =>
    typeof value === 'string' && lengthOf(value) > maxLength ? `${at} is longer than ${maxLength}` : null,
  pattern: ({ pattern = '' }, value, at) =>
    typeof value === 'string' && !new RegExp(pattern, 'u').test(value) ? `${at} does not match ${pattern}` : null,
  minItems: ({ minItems = 0 }, value, at) =>
    Array.isArray(value) && value.length < minItems ? `${at} has fewer than ${minItems}` : null,
  maxItems: ({ maxItems = 0 }, value, at) =>
    Array.isArray(value) && value.length > maxItems ? `${at} has more than ${maxItems}` : null,
  items: ({ items }, value, at) =>
    Array.isArray(value) && typeof items === 'object' && !Array.isArray(items)
      ? first(value.map((item, index) => mismatchOf(items, item, `${at}[${index}]`)))
      : null,
  properties: (schema, value, at) => (isObject(value) ? fieldMismatch(schema, value, at) : null),
  anyOf: ({ anyOf = [] }, value, at) => {
    const found = anyOf.map((one) => mismatchOf(one, value, at));
    return found.includes(null) ? null : found.join(', or ');
  },
  oneOf: ({ oneOf = [] }, value, at) =>
    oneOf.filter((one) => mismatchOf(one, value, at) === null).length === 1 ? null : `${at} is not one of its kinds`,
};

/**
 * Why the schema does not allow the value, or null: as much of JSON Schema 2020-12 as the document
 * uses. Patterns are Unicode's. Throws for a keyword that is not known here, so that none is passed
 * over.
 */
export function mismatchOf(schema: JsonSchema | boolean, value: unknown, at = 'the body'): string | null {
  if (typeof schema === 'boolean') return schema ? null : `${at} is not allowed`;
  const unknown = Object.keys(schema).find((name) => !silent.has(name) && keywords[name] === undefined);
  if (unknown !== undefined) throw new TypeError(`the keyword ${unknown} is not known here`);
  const found = Object.keys(schema).map((name) => keywords[name]?.(schema, value, at) ?? null);
  return first([...found, requiredMismatch(schema, value, at)]);
}

function fieldMismatch(schema: JsonSchema, value: Readonly<Record<string, unknown>>, at: string): string | null {
  const { properties = {}, additionalProperties = true } = schema;
  return first(
    Object.entries(value).map(([name, inner]) => {
      const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return mismatchOf(field ?? additionalProperties, inner, `${at}.${name}`);
    }),
  );
}

function requiredMismatch({ required = [] }: JsonSchema, value: unknown, at: string): string | null {
  if (!isObject(value)) return null;
  const missing = required.find((name) => !Object.hasOwn(value, name));
  return missing === undefined ? null : `${at} has no ${missing}`;
}

function hasType(type: string | undefined, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  if (type === 'null') return value === null;
  return type === 'object' ? isObject(value) : typeof value === type;
}

/** JSON Schema counts code points. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function first(found: readonly (string | null)[]): string | null {
  return found.find((one) => one !== null) ?? null;
}
