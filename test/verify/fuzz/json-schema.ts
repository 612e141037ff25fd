import * as fc from 'fast-check';
import type { JsonSchema } from './document.ts';
import { isReusable, seenValue } from './marker.ts';

/** Texts are mostly this short: longer ones only cost time. */
const usual_length = 30;

/**
 * Values that the schema allows, with those at its limits, as JSON. `name` is the field's: what
 * earlier answers have named so is among them, as a marker.
 */
export function allowedBy(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom<unknown>(...schema.enum);
  if (schema.type === 'integer') return integers(schema);
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'string') return strings(schema, name);
  if (schema.type === 'array') return arrays(schema, name);
  if (schema.type === 'object') return fc.oneof(...alternativesOf(schema).map(objects));
  throw new TypeError(`${name}: a schema of this kind is not known here: ${JSON.stringify(schema)}`);
}

function integers({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: JsonSchema) {
  const some = Math.min(maximum, minimum + 30);
  return fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: minimum, max: some }) },
    { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) },
    { weight: 1, arbitrary: fc.integer({ min: minimum, max: maximum }) },
  );
}

function strings(schema: JsonSchema, name: string): fc.Arbitrary<unknown> {
  const { default: usual, format, minLength = 0, maxLength = 1_000 } = schema;
  const known = fc.nat({ max: 40 }).map((place) => seenValue(name, place));
  const own = format === undefined ? texts(schema) : moments(format);
  return fc.oneof(
    ...(isReusable(name) ? [{ weight: 8, arbitrary: known }] : []),
    { weight: 4, arbitrary: own },
    { weight: 1, arbitrary: fc.constantFrom('x'.repeat(Math.max(1, minLength)), 'x'.repeat(maxLength)) },
    ...(usual === undefined ? [] : [{ weight: 12, arbitrary: fc.constant(usual) }]),
  );
}

function texts({ pattern, minLength = 0, maxLength = usual_length }: JsonSchema): fc.Arbitrary<string> {
  const max = Math.max(minLength, Math.min(maxLength, usual_length));
  const any = fc.string({ unit: 'grapheme', minLength, maxLength: max });
  if (pattern === undefined) return any;
  const form = new RegExp(pattern, 'u');
  // fast-check makes strings of most patterns. Of one that it cannot read, those that happen to
  // have the form must do.
  try {
    return fc.stringMatching(form, { maxLength: usual_length });
  } catch {
    return fc
      .oneof(
        any,
        any.map((text) => `/${text}`),
      )
      .filter((text) => form.test(text));
  }
}

/** From before the fuzz's clock to long after it. */
const days = fc.integer({ min: Date.parse('2024-01-01'), max: Date.parse('2031-01-01') });

function moments(format: string): fc.Arbitrary<string> {
  return days.map((at) => {
    const iso = new Date(at).toISOString();
    return format === 'date' ? iso.slice(0, 10) : iso;
  });
}

function arrays({ items, minItems = 0, maxItems = 5 }: JsonSchema, name: string): fc.Arbitrary<unknown> {
  if (typeof items !== 'object' || Array.isArray(items)) throw new TypeError(`${name}: an array without a schema`);
  const item = allowedBy(items, name);
  return fc.oneof(
    { weight: 8, arbitrary: fc.array(item, { minLength: minItems, maxLength: Math.min(maxItems, 5) }) },
    { weight: 1, arbitrary: item.map((one) => Array.from({ length: maxItems }, () => one)) },
  );
}

/**
 * The schema once per branch of its `oneOf`, which says what is required then and what is not to be
 * there.
 */
function alternativesOf(schema: JsonSchema): JsonSchema[] {
  const branches = schema.oneOf ?? [];
  if (branches.length === 0) return [schema];
  const named = branches.map((branch) => (typeof branch === 'object' ? (branch.required ?? []) : []));
  return named.map((required, place) => {
    const branch = branches[place];
    const closed = Object.entries((typeof branch === 'object' ? branch.properties : null) ?? {});
    const others = new Set([
      ...named.flat().filter((field) => !required.includes(field)),
      ...closed.flatMap(([field, is_open]) => (is_open === false ? [field] : [])),
    ]);
    const properties = Object.entries(schema.properties ?? {}).filter(([field]) => !others.has(field));
    return { ...schema, properties: Object.fromEntries(properties), required };
  });
}

function objects({ properties = {}, required = [] }: JsonSchema): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).flatMap(([field, schema]) =>
    typeof schema === 'object' ? [[field, allowedBy(schema, field)] as const] : [],
  );
  return fc.record(Object.fromEntries(fields), { requiredKeys: [...required], noNullPrototype: true });
}

/** A value as it stands outside of JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
