import { describe, expect, it } from 'vitest';
import { InMemoryDynamoDb } from '../../src/dynamodb/in-memory-dynamodb.ts';
import { databaseWith, key, outcomeOf, songs, table } from './music.ts';

const song = (year: number) => ({ artist: { S: 'Nina' }, year: { N: String(year) } });
const put = (year: number, more: object = {}) => ({ Put: { TableName: table, Item: song(year), ...more } });

function count(database: InMemoryDynamoDb): number | undefined {
  const { Count }: { Count?: number } = database.call('Scan', { TableName: table });
  return Count;
}

describe('a transaction', () => {
  it('writes everything its actions say', () => {
    const database = databaseWith({ plays: { N: '7' } });
    database.call('PutItem', { TableName: table, Item: song(1) });
    const actions = [
      put(2),
      { Delete: { TableName: table, Key: song(1) } },
      {
        Update: {
          TableName: table,
          Key: key,
          UpdateExpression: 'ADD plays :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        },
      },
      { ConditionCheck: { TableName: table, Key: song(3), ConditionExpression: 'attribute_not_exists(artist)' } },
    ];
    expect(database.call('TransactWriteItems', { TransactItems: actions })).toEqual({});
    const gets = [key, song(1), song(2)].map((Key) => ({ Get: { TableName: table, Key } }));
    expect(database.call('TransactGetItems', { TransactItems: gets })).toEqual({
      Responses: [{ Item: { ...key, plays: { N: '8' } } }, {}, { Item: song(2) }],
    });
  });

  it('writes nothing when an action fails, and gives a reason per action', () => {
    const database = databaseWith({ plays: { N: '7' } });
    const unless_there = { ConditionExpression: 'attribute_not_exists(artist)' };
    const actions = [
      put(2),
      {
        Put: { TableName: table, Item: key, ...unless_there, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
      },
      { Update: { TableName: table, Key: song(3), UpdateExpression: 'SET plays = nowhere' } },
      { Delete: { TableName: table, Key: { artist: { S: 'Nina' } } } },
    ];
    const call = () => database.call('TransactWriteItems', { TransactItems: actions });
    expect(outcomeOf(call)).toBe(
      'TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError, ValidationError]',
    );
    const reasons = [
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { ...key, plays: { N: '7' } },
      },
      {
        Code: 'ValidationError',
        Message: 'The provided expression refers to an attribute that does not exist in the item',
      },
      { Code: 'ValidationError', Message: 'The provided key element does not match the schema' },
    ];
    expect(call).toThrow(expect.objectContaining({ members: { CancellationReasons: reasons } }));
    expect(count(database)).toBe(1);
  });

  it('with the same token has no second effect, for ten minutes', () => {
    let now = 0;
    const database = new InMemoryDynamoDb({ now: () => now });
    database.call('CreateTable', songs);
    const add = {
      Update: {
        TableName: table,
        Key: key,
        UpdateExpression: 'ADD plays :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      },
    };
    const send = (...TransactItems: object[]) =>
      outcomeOf(() => database.call('TransactWriteItems', { TransactItems, ClientRequestToken: 'token' }));
    const plays = () => database.call('GetItem', { TableName: table, Key: key, ProjectionExpression: 'plays' });
    expect([send(add), send(add)]).toEqual([{}, {}]);
    expect(plays()).toEqual({ Item: { plays: { N: '1' } } });
    expect(send(put(2))).toMatch(/^IdempotentParameterMismatchException/);
    now += 10 * 60 * 1000;
    expect(send(add)).toEqual({});
    expect(plays()).toEqual({ Item: { plays: { N: '2' } } });
  });

  it.each([
    [
      [put(1), { Delete: { TableName: table, Key: song(1) } }],
      'Transaction request cannot include multiple operations on one item',
    ],
    [[{}], 'TransactItems can only contain one of Check, Put, Update or Delete'],
    [
      [put(1, { ConditionExpression: 'plays =' })],
      'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "="',
    ],
  ])('case %# is refused as a whole', (TransactItems, message) => {
    expect(outcomeOf(() => databaseWith().call('TransactWriteItems', { TransactItems }))).toBe(
      `ValidationException: ${message}`,
    );
  });

  it('has at most 100 actions', () => {
    const send = (actions: number) =>
      outcomeOf(() =>
        databaseWith().call('TransactWriteItems', {
          TransactItems: Array.from({ length: actions }, (_, year) => put(year)),
        }),
      );
    expect(send(100)).toEqual({});
    expect(send(101)).toMatch(/Member must have length less than or equal to 100$/);
  });

  it('has at most 4 MB', () => {
    const TransactItems = Array.from({ length: 11 }, (_, year) => ({
      Put: { TableName: table, Item: { ...song(year), text: { S: 'x'.repeat(400_000) } } },
    }));
    const database = databaseWith();
    expect(outcomeOf(() => database.call('TransactWriteItems', { TransactItems }))).toMatch(/4 MB$/);
    expect(count(database)).toBe(0);
  });
});

describe('a batch', () => {
  it('writes and reads several items', () => {
    const database = databaseWith({ plays: { N: '7' } });
    const requests = [{ PutRequest: { Item: song(1) } }, { DeleteRequest: { Key: key } }];
    expect(database.call('BatchWriteItem', { RequestItems: { [table]: requests } })).toEqual({ UnprocessedItems: {} });
    const Keys = [key, song(1)];
    expect(database.call('BatchGetItem', { RequestItems: { [table]: { Keys } } })).toEqual({
      Responses: { [table]: [song(1)] },
      UnprocessedKeys: {},
    });
  });

  it('leaves unprocessed what exceeds 16 MB', () => {
    const database = databaseWith();
    const years = Array.from({ length: 42 }, (_, year) => year);
    for (const year of years) {
      database.call('PutItem', { TableName: table, Item: { ...song(year), text: { S: 'x'.repeat(400_000) } } });
    }
    const { UnprocessedKeys }: { UnprocessedKeys?: object } = database.call('BatchGetItem', {
      RequestItems: { [table]: { Keys: years.map(song), ProjectionExpression: 'artist' } },
    });
    expect(UnprocessedKeys).toMatchObject({ [table]: { Keys: [song(41)], ProjectionExpression: 'artist' } });
  });

  it.each([
    [
      'BatchWriteItem',
      [{ PutRequest: { Item: song(1) } }, { DeleteRequest: { Key: song(1) } }],
      'Provided list of item keys contains duplicates',
    ],
    [
      'BatchWriteItem',
      Array.from({ length: 26 }, (_, year) => ({ PutRequest: { Item: song(year) } })),
      'Too many items requested for the BatchWriteItem call',
    ],
    ['BatchGetItem', { Keys: [key, key] }, 'Provided list of item keys contains duplicates'],
    [
      'BatchGetItem',
      { Keys: Array.from({ length: 101 }, (_, year) => song(year)) },
      'Too many items requested for the BatchGetItem call',
    ],
  ])('%s case %# is refused', (operation, requests, message) => {
    expect(outcomeOf(() => databaseWith().call(operation, { RequestItems: { [table]: requests } }))).toBe(
      `ValidationException: ${message}`,
    );
  });
});

describe('consumed capacity', () => {
  const units = (operation: string, input: object, attributes?: object) => {
    const asked = { TableName: table, ReturnConsumedCapacity: 'INDEXES', ...input };
    const { ConsumedCapacity }: { ConsumedCapacity?: object } = databaseWith(attributes).call(operation, asked);
    return ConsumedCapacity;
  };

  it('of a write is one unit per KB, for the table and for each index that changes', () => {
    expect(units('PutItem', { Item: { ...key, label: { S: 'Philips' }, text: { S: 'x'.repeat(1100) } } })).toEqual({
      TableName: table,
      CapacityUnits: 3,
      Table: { CapacityUnits: 2 },
      GlobalSecondaryIndexes: { by_label: { CapacityUnits: 1 } },
    });
    const moved = { Item: { ...key, label: { S: 'RCA' } } };
    expect(units('PutItem', moved, { label: { S: 'Philips' } })).toMatchObject({ CapacityUnits: 3 });
  });

  it('of a read is half a unit per 4 KB, the double if consistent', () => {
    const text = { text: { S: 'x'.repeat(5000) } };
    expect(units('GetItem', { Key: key }, text)).toMatchObject({ CapacityUnits: 1 });
    expect(units('GetItem', { Key: key, ConsistentRead: true }, text)).toMatchObject({ CapacityUnits: 2 });
  });

  it('of a transaction is twice that', () => {
    expect(units('TransactWriteItems', { TransactItems: [put(1), put(2)] })).toMatchObject([{ CapacityUnits: 4 }]);
  });
});
