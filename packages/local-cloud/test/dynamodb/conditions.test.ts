import { describe, expect, it } from 'vitest';
import { databaseWith, key, outcomeOf, table } from './music.ts';

const item = {
  plays: { N: '7' },
  zero: { N: '0.0' },
  tags: { SS: ['jazz', 'soul'] },
  scores: { NS: ['1', '2'] },
  bytes: { B: 'AQID' },
  live: { BOOL: true },
  gone: { NULL: true },
  tracks: { L: [{ S: 'Sinnerman' }, { N: '3' }] },
  studio: { M: { city: { S: 'New York' }, rooms: { L: [{ M: { seats: { N: '9' } } }] } } },
  motto: { S: 'é' },
};

const values = {
  ':seven': { N: '7.00' },
  ':three': { N: '3' },
  ':nine': { N: '9' },
  ':two': { N: '2' },
  ':nina': { S: 'Nina' },
  ':ni': { S: 'Ni' },
  ':jazz': { S: 'jazz' },
  ':york': { S: 'York' },
  ':tail': { B: 'AgM=' },
  ':start': { B: 'AQ==' },
  ':yes': { BOOL: true },
  ':null': { NULL: true },
  ':set': { SS: ['soul', 'jazz'] },
  ':list': { L: [{ S: 'Sinnerman' }, { N: '3.0' }] },
  ':sinner': { S: 'Sinnerman' },
  ':type': { S: 'M' },
};

/** A delete under this condition, with the values that it names. */
function deleteIf(condition: string): object | string {
  const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(condition));
  return outcomeOf(() =>
    databaseWith(item).call('DeleteItem', {
      TableName: table,
      Key: key,
      ConditionExpression: condition,
      ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
      ...(/#y/.test(condition) && { ExpressionAttributeNames: { '#y': 'year' } }),
    }),
  );
}

describe('a condition that holds', () => {
  it.each([
    'plays = :seven',
    'plays <> :three',
    'nowhere <> :three',
    'plays > :three AND plays >= :seven AND plays < :nine AND plays <= :seven',
    'plays BETWEEN :three AND :nine',
    'plays IN (:two, :seven)',
    'artist = :nina',
    'attribute_exists(artist) AND attribute_not_exists(nowhere)',
    'attribute_type(studio, :type)',
    'begins_with(artist, :ni)',
    'begins_with(bytes, :start)',
    'contains(tags, :jazz)',
    'contains(scores, :two)',
    'contains(tracks, :sinner)',
    'contains(studio.city, :york)',
    'contains(bytes, :tail)',
    'size(tags) = :two',
    'size(motto) = :two',
    'size(bytes) = :three',
    'live = :yes',
    'gone = :null',
    'tags = :set',
    'tracks = :list',
    'tracks[1] = :three',
    'studio.rooms[0].seats = :nine',
    'attribute_exists(#y)',
    'NOT plays = :three',
    'not (plays = :three or plays = :nine) and live = :yes',
    'plays = :three OR plays = :nine AND nowhere = :two OR live = :yes',
    ':three < plays',
  ])('%s', (condition) => {
    expect(deleteIf(condition)).toEqual({});
  });
});

describe('a condition that does not hold', () => {
  it.each([
    'plays = :three',
    'plays > :nine',
    'nowhere = :three',
    'nowhere < :three',
    'plays = :nina',
    'plays < :nina',
    'plays BETWEEN :two AND :three',
    'plays IN (:two, :three)',
    'attribute_exists(studio.street)',
    'attribute_not_exists(tracks[0])',
    'attribute_type(plays, :type)',
    'begins_with(plays, :ni)',
    'contains(plays, :seven)',
    'contains(tags, :two)',
    'size(plays) = :two',
    'NOT live = :yes',
    'plays = :seven AND plays = :three',
  ])('%s', (condition) => {
    expect(deleteIf(condition)).toBe('ConditionalCheckFailedException: The conditional request failed');
  });
});

describe('a condition that cannot be parsed', () => {
  it.each([
    ['plays = :seven AND', 'Syntax error; token: "<EOF>", near: "AND"'],
    ['plays == :seven', 'Syntax error; token: "=", near: "== :seven"'],
    ['plays & :seven', 'Syntax error; token: "&", near: "& :seven"'],
    ['year = :seven', 'Attribute name is a reserved keyword; reserved keyword: year'],
    ['((plays = :seven))', 'The expression has redundant parentheses;'],
    ['exists(plays)', 'Invalid function name; function: exists'],
    [
      'begins_with(artist)',
      'Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1',
    ],
    [
      'begins_with(artist, :two)',
      'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
    ],
    ['attribute_exists(:two)', 'Operator or function requires a document path; operator or function: attribute_exists'],
    ['plays < :yes', 'Incorrect operand type for operator or function; operator or function: <, operand type: BOOL'],
    [
      'plays = plays',
      'The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [plays]',
    ],
    ['plays = :unknown', 'An expression attribute value used in expression is not defined; attribute value: :unknown'],
    [
      '#unknown = :two',
      'An expression attribute name used in the document path is not defined; attribute name: #unknown',
    ],
    ['', 'The expression can not be empty;'],
  ])('%s', (condition, message) => {
    expect(deleteIf(condition)).toBe(`ValidationException: Invalid ConditionExpression: ${message}`);
  });

  it('names the placeholders that no expression uses', () => {
    const unused = { TableName: table, Key: key, ConditionExpression: 'attribute_exists(artist)' };
    const call = (more: object) => outcomeOf(() => databaseWith().call('DeleteItem', { ...unused, ...more }));
    expect(call({ ExpressionAttributeValues: { ':v': { N: '1' } } })).toBe(
      'ValidationException: Value provided in ExpressionAttributeValues unused in expressions: keys: {:v}',
    );
    expect(call({ ExpressionAttributeNames: { '#n': 'plays' } })).toBe(
      'ValidationException: Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}',
    );
  });
});

it('returns the item that failed a condition, on request', () => {
  const database = databaseWith({ plays: { N: '7' } });
  const call = () =>
    database.call('DeleteItem', {
      TableName: table,
      Key: key,
      ConditionExpression: 'attribute_not_exists(artist)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  expect(call).toThrow(expect.objectContaining({ members: { Item: { ...key, plays: { N: '7' } } } }));
});

it('finds no attribute by a name that every JavaScript object inherits', () => {
  expect(deleteIf('attribute_not_exists(toString) AND attribute_not_exists(studio.toString)')).toEqual({});
});
