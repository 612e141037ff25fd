import { expect, test } from 'vitest';
import { mismatchOf } from './mismatch.ts';

const text = { type: 'string', minLength: 1, maxLength: 3, pattern: '^[^\\p{Cc}]*$' } as const;
const spend = {
  type: 'object',
  properties: { amount: { type: 'integer', minimum: 1, maximum: 9 }, note: text, kind: { enum: ['a', 'b'] } },
  required: ['amount'],
  additionalProperties: false,
} as const;

test.each([
  [spend, { amount: 1 }],
  [spend, { amount: 9, note: 'c👩p', kind: 'b' }],
  [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, null],
  [{ oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { b: 1 }],
  [{ type: 'array', items: text, minItems: 1, maxItems: 2 }, ['x', 'y']],
  [{ type: 'object', properties: {}, additionalProperties: {} }, { more: [] }],
  [{ type: ['string', 'null'] }, null],
  [{ const: 'true' }, 'true'],
] as const)('the schema %j allows %j', (schema, value) => {
  expect(mismatchOf(JSON.parse(JSON.stringify(schema)), value)).toBeNull();
});

test.each([
  [spend, null],
  [spend, []],
  [spend, {}],
  [spend, { amount: 0 }],
  [spend, { amount: 10 }],
  [spend, { amount: 1.5 }],
  [spend, { amount: Number.POSITIVE_INFINITY }],
  [spend, { amount: '1' }],
  [spend, { amount: 1, note: '' }],
  [spend, { amount: 1, note: 'four' }],
  [spend, { amount: 1, note: '\n' }],
  [spend, { amount: 1, kind: 'c' }],
  [spend, { amount: 1, more: 1 }],
  [spend, JSON.parse('{"amount": 1, "__proto__": {}}')],
  [{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'x'],
  [{ oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1, b: 1 }],
  [{ type: 'array', items: text, minItems: 1, maxItems: 2 }, []],
  [{ type: 'array', items: text, minItems: 1, maxItems: 2 }, ['x', 'y', 'z']],
  [{ type: 'array', items: text }, [1]],
  [{ type: ['string', 'null'] }, 1],
  [{ const: 'true' }, true],
  [{ type: 'boolean' }, 0],
] as const)('the schema %j does not allow %j', (schema, value) => {
  expect(mismatchOf(JSON.parse(JSON.stringify(schema)), value)).toBeTypeOf('string');
});

test('an unknown keyword of a schema is an error', () => {
  expect(() => mismatchOf({ type: 'integer', multipleOf: 2 }, 2)).toThrow('multipleOf');
});
