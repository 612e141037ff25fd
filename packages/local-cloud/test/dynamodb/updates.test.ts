import { describe, expect, it } from 'vitest';
import { databaseWith, key, outcomeOf, table } from './music.ts';

const item = {
  plays: { N: '7' },
  tags: { SS: ['jazz', 'soul'] },
  scores: { NS: ['1', '2'] },
  tracks: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }] },
  studio: { M: { city: { S: 'New York' } } },
};

const values = {
  ':one': { N: '1' },
  ':small': { N: '0.10' },
  ':x': { S: 'x' },
  ':y': { S: 'y' },
  ':list': { L: [{ S: 'x' }] },
  ':soul': { SS: ['soul', 'funk'] },
  ':both': { SS: ['jazz', 'soul'] },
  ':numbers': { NS: ['2.0', '3'] },
  ':big': { N: '99999999999999999999999999999999999999' },
};

/** The item after the update, without its key; or the error. */
function update(expression: string, attributes: object | null = item, ReturnValues = 'ALL_NEW'): unknown {
  const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(expression));
  return outcomeOf(() => {
    const { Attributes = {} }: { Attributes?: object } = databaseWith(attributes ?? undefined).call('UpdateItem', {
      TableName: table,
      Key: key,
      UpdateExpression: expression,
      ReturnValues,
      ...(used.length > 0 && { ExpressionAttributeValues: Object.fromEntries(used) }),
    });
    return Object.fromEntries(Object.entries(Attributes).filter(([name]) => !(name in key)));
  });
}

describe('an update', () => {
  it.each([
    ['SET plays = plays + :one', { plays: { N: '8' } }],
    ['SET plays = plays - :small', { plays: { N: '6.9' } }],
    ['SET plays = (plays + :one)', { plays: { N: '8' } }],
    ['SET fresh = if_not_exists(fresh, :one)', { fresh: { N: '1' } }],
    ['SET plays = if_not_exists(plays, :one) + :one', { plays: { N: '8' } }],
    ['SET tracks = list_append(tracks, :list)', { tracks: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }, { S: 'x' }] } }],
    ['SET tracks[1] = :x', { tracks: { L: [{ S: 'a' }, { S: 'x' }, { S: 'c' }] } }],
    [
      'SET tracks[9] = :y, tracks[5] = :x',
      { tracks: { L: [{ S: 'a' }, { S: 'b' }, { S: 'c' }, { S: 'x' }, { S: 'y' }] } },
    ],
    ['REMOVE tracks[0], tracks[2]', { tracks: { L: [{ S: 'b' }] } }],
    ['SET tracks[2] = :x REMOVE tracks[0]', { tracks: { L: [{ S: 'b' }, { S: 'x' }] } }],
    ['SET studio.street = :x', { studio: { M: { city: { S: 'New York' }, street: { S: 'x' } } } }],
    ['REMOVE studio.city', { studio: { M: {} } }],
    ['SET kept = plays, plays = :one', { kept: { N: '7' }, plays: { N: '1' } }],
    ['ADD plays :small', { plays: { N: '7.1' } }],
    ['ADD fresh :one', { fresh: { N: '1' } }],
    ['ADD tags :soul', { tags: { SS: ['jazz', 'soul', 'funk'] } }],
    ['ADD scores :numbers', { scores: { NS: ['1', '2', '3'] } }],
    ['DELETE tags :soul', { tags: { SS: ['jazz'] } }],
    ['DELETE tags :both', { tags: undefined }],
    ['DELETE nowhere :both', {}],
    ['REMOVE plays, nowhere', { plays: undefined }],
    ['set plays = :one add fresh :one', { plays: { N: '1' }, fresh: { N: '1' } }],
  ])('%s', (expression, changed) => {
    expect(update(expression)).toEqual({ ...item, ...changed });
  });

  it.each([
    ['SET plays = nowhere + :one', 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET plays = artist + :one', 'An operand in the update expression has an incorrect data type'],
    ['SET plays = list_append(plays, :list)', 'An operand in the update expression has an incorrect data type'],
    ['SET nowhere.city = :x', 'The document path provided in the update expression is invalid for update'],
    ['REMOVE nowhere.city', 'The document path provided in the update expression is invalid for update'],
    ['ADD plays :both', 'An operand in the update expression has an incorrect data type'],
    [
      'SET artist = :x',
      'One or more parameter values were invalid: Cannot update attribute artist. This attribute is part of the key',
    ],
    [
      'SET label = :one',
      'One or more parameter values were invalid: Type mismatch for Index Key label Expected: S Actual: N IndexName: by_label',
    ],
    ['SET plays = :big + :small', 'Attempting to store more than 38 significant digits in a Number'],
    [
      'SET plays = :x SET kept = :y',
      'Invalid UpdateExpression: The "SET" section can only be used once in an update expression;',
    ],
    [
      'SET studio = :x, studio.city = :y',
      'Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [studio], path two: [studio, city]',
    ],
    ['SET plays = add(plays, :one)', 'Invalid UpdateExpression: Invalid function name; function: add'],
    [
      'SET plays = :one + :x',
      'Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, operand type: S',
    ],
    [
      'ADD plays :x',
      'Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING',
    ],
    ['SET plays :one', 'Invalid UpdateExpression: Syntax error; token: ":one", near: "plays :one"'],
  ])('%s is refused', (expression, message) => {
    expect(update(expression)).toBe(`ValidationException: ${message}`);
  });

  it('creates a missing item', () => {
    expect(update('SET plays = :one', null)).toEqual({ plays: { N: '1' } });
    expect(update('REMOVE plays', null)).toEqual({});
  });

  it('returns what is asked for', () => {
    const expression = 'SET plays = :one, fresh = :x REMOVE tracks';
    expect(update(expression, item, 'ALL_OLD')).toEqual(item);
    expect(update(expression, item, 'UPDATED_OLD')).toEqual({ plays: item.plays, tracks: item.tracks });
    expect(update(expression, item, 'UPDATED_NEW')).toEqual({ plays: { N: '1' }, fresh: { S: 'x' } });
    expect(update(expression, item, 'NONE')).toEqual({});
  });

  it('is refused for an item above 400 KB, and the old item stays', () => {
    const database = databaseWith({ text: { S: 'x'.repeat(409_000) } });
    const grow = {
      TableName: table,
      Key: key,
      UpdateExpression: 'SET more = :more',
      ExpressionAttributeValues: { ':more': { S: 'x'.repeat(1000) } },
    };
    expect(outcomeOf(() => database.call('UpdateItem', grow))).toBe(
      'ValidationException: Item size to update has exceeded the maximum allowed size',
    );
    expect(database.call('GetItem', { TableName: table, Key: key, ProjectionExpression: 'more' })).toEqual({
      Item: {},
    });
  });
});
