import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readValue } from '../../src/dynamodb/attribute-value.ts';
import { orderOf } from '../../src/dynamodb/compare-values.ts';
import { itemSize } from '../../src/dynamodb/item-size.ts';
import { addNumbers, normalizeNumber, sortableNumber, subtractNumbers } from '../../src/dynamodb/numbers.ts';
import { databaseWith, key, outcomeOf, table } from './music.ts';

describe('numbers', () => {
  it.each([
    ['1.50', '1.5'],
    ['-0', '0'],
    ['1e3', '1000'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['+12', '12'],
    ['1E-3', '0.001'],
    ['-120.00', '-120'],
  ])('%s is %s', (text, normalized) => {
    expect(normalizeNumber(text)).toBe(normalized);
  });

  it.each(['', 'abc', '0x1', ' 1', '--1', 'NaN', 'Infinity', '1e', '.'])('"%s" is no number', (text) => {
    expect(() => normalizeNumber(text)).toThrow('The parameter cannot be converted to a numeric value');
  });

  it('have at most 38 digits and a bounded magnitude', () => {
    expect(normalizeNumber('9'.repeat(38))).toBe('9'.repeat(38));
    expect(() => normalizeNumber('1'.repeat(39))).toThrow('more than 38 significant digits');
    expect(normalizeNumber('1e125')).toBe(`1${'0'.repeat(125)}`);
    expect(() => normalizeNumber('1e126')).toThrow('Number overflow');
    expect(normalizeNumber('1e-130')).toBe(`0.${'0'.repeat(129)}1`);
    expect(() => normalizeNumber('1e-131')).toThrow('Number underflow');
  });

  const scaled = fc
    .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.integer({ min: 0, max: 6 }))
    .map(([digits, places]) => ({
      text: `${digits}e-${places}`,
      // As a whole number of millionths.
      millionths: digits * 10n ** BigInt(6 - places),
    }));

  it('sort as their texts do', () => {
    fc.assert(
      fc.property(scaled, scaled, (one, two) => {
        const [a, b] = [sortableNumber(normalizeNumber(one.text)), sortableNumber(normalizeNumber(two.text))];
        expect(Math.sign(Number(a > b) - Number(a < b))).toBe(
          Number(one.millionths > two.millionths) - Number(one.millionths < two.millionths),
        );
      }),
    );
  });

  it('add and subtract exactly', () => {
    fc.assert(
      fc.property(scaled, scaled, (one, two) => {
        const millionths = (text: string) => normalizeNumber(`${text}e6`);
        const [a, b] = [normalizeNumber(one.text), normalizeNumber(two.text)];
        expect(millionths(addNumbers(a, b))).toBe(normalizeNumber(String(one.millionths + two.millionths)));
        expect(millionths(subtractNumbers(a, b))).toBe(normalizeNumber(String(one.millionths - two.millionths)));
      }),
    );
  });
});

it('sorts strings by their bytes in UTF-8', () => {
  const character = fc.string({ unit: 'binary', minLength: 0, maxLength: 4 });
  fc.assert(
    fc.property(character, character, (one, two) => {
      expect(orderOf({ S: one }, { S: two })).toBe(Buffer.compare(Buffer.from(one), Buffer.from(two)));
    }),
  );
});

it('counts names and values in bytes', () => {
  expect(itemSize({ é: { S: 'é' }, n: { N: '123' }, b: { BOOL: true }, l: { L: [{ S: 'x' }] }, m: { M: {} } })).toBe(
    2 + 2 + (1 + 3) + (1 + 1) + (1 + 3 + 1 + 1) + (1 + 3),
  );
});

describe('a value is refused', () => {
  it.each([
    [{}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    [
      { S: 'a', N: '1' },
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    ],
    [{ SS: [] }, 'One or more parameter values were invalid: An string set  may not be empty'],
    [{ SS: ['a', 'a'] }, 'One or more parameter values were invalid: Input collection [a, a] contains duplicates.'],
    [{ NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
    [
      { NULL: false },
      'One or more parameter values were invalid: Null attribute value types must have the value of true',
    ],
    [{ S: 1 }, 'A value of the request has another type than its field.'],
    [{ B: '*' }, 'only base-64-encoded strings are convertible to bytes'],
  ])('%j', (value, message) => {
    expect(() => readValue(value)).toThrow(message);
  });

  it('nested deeper than 32 levels', () => {
    const nested = (levels: number): object => (levels === 0 ? { S: 'x' } : { L: [nested(levels - 1)] });
    expect(readValue(nested(32))).toEqual(nested(32));
    expect(() => readValue(nested(33))).toThrow('Nesting Levels have exceeded supported limits');
  });
});

describe('an item is refused', () => {
  it.each([
    [
      { artist: { S: '' } },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: artist',
    ],
    [
      { artist: { N: '1' } },
      'One or more parameter values were invalid: Type mismatch for key artist expected: S actual: N',
    ],
    [
      { artist: { S: 'x'.repeat(2049) } },
      'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
    ],
    [
      { label: { N: '1' } },
      'One or more parameter values were invalid: Type mismatch for Index Key label Expected: S Actual: N IndexName: by_label',
    ],
    [
      { label: { S: '' } },
      'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by_label, IndexKey: label',
    ],
    [{ text: { S: 'x'.repeat(409_600) } }, 'Item size has exceeded the maximum allowed size'],
  ])('case %#', (attributes, message) => {
    const put = { TableName: table, Item: { ...key, ...attributes } };
    expect(outcomeOf(() => databaseWith().call('PutItem', put))).toBe(`ValidationException: ${message}`);
  });

  it('without its key', () => {
    const put = { TableName: table, Item: { artist: { S: 'Nina' } } };
    expect(outcomeOf(() => databaseWith().call('PutItem', put))).toBe(
      'ValidationException: One or more parameter values were invalid: Missing the key year in the item',
    );
  });
});

describe('a request is refused', () => {
  it.each([
    [
      'GetItem',
      { Key: key },
      "ValidationException: 1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null",
    ],
    [
      'GetItem',
      { TableName: table, Key: { artist: { S: 'Nina' } } },
      'ValidationException: The provided key element does not match the schema',
    ],
    ['GetItem', { TableName: 'nowhere', Key: key }, 'ResourceNotFoundException: Requested resource not found'],
    [
      'Query',
      { TableName: table, Limit: 0 },
      "ValidationException: 1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      'PutItem',
      { TableName: table, Item: key, Expected: {} },
      'ValidationException: Expected is not supported by the in-memory DynamoDB: use an expression instead.',
    ],
    ['ExecuteStatement', {}, 'UnknownOperationException: The in-memory DynamoDB does not know ExecuteStatement.'],
  ])('%s %j', (operation, input, outcome) => {
    expect(outcomeOf(() => databaseWith().call(operation, input))).toBe(outcome);
  });
});
