import { describe, expect, it } from 'vitest';
import { InMemoryDynamoDb } from '../../src/dynamodb/in-memory-dynamodb.ts';
import { databaseWith, key, outcomeOf, songs, table } from './music.ts';

interface Page {
  Records?: { eventName: string; dynamodb: { SequenceNumber: string } }[];
  NextShardIterator?: string;
}

function streamOf(database: InMemoryDynamoDb): string {
  const { Streams: [stream] = [] }: { Streams?: { StreamArn: string }[] } = database.call('ListStreams', {
    TableName: table,
  });
  return stream?.StreamArn ?? 'no stream';
}

function iterator(database: InMemoryDynamoDb, ShardIteratorType: string, more: object = {}): string | undefined {
  const StreamArn = streamOf(database);
  const described: { StreamDescription?: { Shards: { ShardId: string }[] } } = database.call('DescribeStream', {
    StreamArn,
  });
  const ShardId = described.StreamDescription?.Shards[0]?.ShardId;
  const { ShardIterator }: { ShardIterator?: string } = database.call('GetShardIterator', {
    StreamArn,
    ShardId,
    ShardIteratorType,
    ...more,
  });
  return ShardIterator;
}

const read = (database: InMemoryDynamoDb, ShardIterator: string | undefined, more: object = {}): Page =>
  database.call('GetRecords', { ShardIterator, ...more });

const put = (database: InMemoryDynamoDb, plays: number) =>
  database.call('PutItem', { TableName: table, Item: { ...key, plays: { N: String(plays) } } });

describe('a stream', () => {
  it('has a record of each change with both images, and none where nothing changed', () => {
    const database = databaseWith();
    for (const plays of [1, 1, 2]) put(database, plays);
    database.call('DeleteItem', { TableName: table, Key: key });
    database.call('DeleteItem', { TableName: table, Key: key });
    const one = { ...key, plays: { N: '1' } };
    const two = { ...key, plays: { N: '2' } };
    const { Records } = read(database, iterator(database, 'TRIM_HORIZON'));
    expect(Records).toMatchObject([
      { eventName: 'INSERT', dynamodb: { Keys: key, NewImage: one, StreamViewType: 'NEW_AND_OLD_IMAGES' } },
      { eventName: 'MODIFY', dynamodb: { Keys: key, NewImage: two, OldImage: one } },
      { eventName: 'REMOVE', dynamodb: { Keys: key, OldImage: two } },
    ]);
    const numbers = Records?.map(({ dynamodb }) => dynamodb.SequenceNumber) ?? [];
    expect(numbers).toEqual([...new Set(numbers)].toSorted());
  });

  it('is read page by page, from its end, and from a given record', () => {
    const database = databaseWith();
    const end = iterator(database, 'LATEST');
    for (const plays of [1, 2, 3]) put(database, plays);
    const first = read(database, end, { Limit: 2 });
    expect(first.Records).toHaveLength(2);
    const second = read(database, first.NextShardIterator);
    expect(second.Records).toHaveLength(1);
    expect(read(database, second.NextShardIterator).Records).toEqual([]);
    const SequenceNumber = first.Records?.[1]?.dynamodb.SequenceNumber;
    expect(read(database, iterator(database, 'AT_SEQUENCE_NUMBER', { SequenceNumber })).Records).toHaveLength(2);
    expect(read(database, iterator(database, 'AFTER_SEQUENCE_NUMBER', { SequenceNumber })).Records).toHaveLength(1);
  });

  it('has the writes of a transaction, and none of a cancelled one', () => {
    const database = databaseWith();
    const action = (year: number, more: object = {}) => ({
      Put: { TableName: table, Item: { ...key, year: { N: String(year) } }, ...more },
    });
    database.call('TransactWriteItems', { TransactItems: [action(1), action(2)] });
    const failing = { ConditionExpression: 'attribute_exists(artist)' };
    expect(
      outcomeOf(() => database.call('TransactWriteItems', { TransactItems: [action(3), action(4, failing)] })),
    ).toMatch(/^TransactionCanceledException/);
    expect(read(database, iterator(database, 'TRIM_HORIZON')).Records).toHaveLength(2);
  });

  it('forgets records after 24 hours', () => {
    let now = 0;
    const database = new InMemoryDynamoDb({ now: () => now });
    database.call('CreateTable', songs);
    put(database, 1);
    now += 24 * 60 * 60 * 1000;
    put(database, 2);
    const { Records } = read(database, iterator(database, 'TRIM_HORIZON'));
    expect(Records?.map(({ eventName }) => eventName)).toEqual(['MODIFY']);
  });

  it('ends when the table stops it', () => {
    const database = databaseWith({ plays: { N: '1' } });
    const start = iterator(database, 'TRIM_HORIZON');
    database.call('UpdateTable', { TableName: table, StreamSpecification: { StreamEnabled: false } });
    put(database, 2);
    const { Records, NextShardIterator } = read(database, start);
    expect([Records?.length, NextShardIterator]).toEqual([1, undefined]);
  });
});

describe('tables', () => {
  it('are described, listed, protected and deleted', () => {
    const database = databaseWith(key);
    const described: { Table?: object } = database.call('DescribeTable', { TableName: table });
    const { BillingMode: _, ...declared } = songs;
    expect(described.Table).toMatchObject({ ...declared, TableStatus: 'ACTIVE', ItemCount: 1 });
    expect(database.call('ListTables', {})).toEqual({ TableNames: [table] });
    database.call('UpdateTable', { TableName: table, DeletionProtectionEnabled: true });
    const remove = () => outcomeOf(() => database.call('DeleteTable', { TableName: table }));
    expect(remove()).toMatch(/^ValidationException: .*protected against deletion/);
    database.call('UpdateTable', { TableName: table, DeletionProtectionEnabled: false });
    expect(remove()).toMatchObject({ TableDescription: { TableStatus: 'DELETING' } });
    expect(database.call('ListTables', {})).toEqual({ TableNames: [] });
  });

  it('keep their time to live as a setting', () => {
    const database = databaseWith();
    const TimeToLiveSpecification = { AttributeName: 'expires_at', Enabled: true };
    const enable = () =>
      outcomeOf(() => database.call('UpdateTimeToLive', { TableName: table, TimeToLiveSpecification }));
    expect(enable()).toEqual({ TimeToLiveSpecification });
    expect(enable()).toBe('ValidationException: TimeToLive is already enabled');
    expect(database.call('DescribeTimeToLive', { TableName: table })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires_at' },
    });
  });

  it.each([
    [songs, 'ResourceInUseException: Table already exists: songs'],
    [
      { ...songs, TableName: 'other', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] },
      'ValidationException: One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: [artist, year, label, title]',
    ],
    [
      { ...songs, TableName: 'other', LocalSecondaryIndexes: undefined },
      'ValidationException: One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    ],
    [
      { ...songs, TableName: 'other', StreamSpecification: { StreamEnabled: true } },
      'ValidationException: One or more parameter values were invalid: StreamEnabled is true, but StreamViewType is not set',
    ],
  ])('case %# is refused', (input, outcome) => {
    expect(outcomeOf(() => databaseWith().call('CreateTable', input))).toBe(outcome);
  });
});
