import { DynamoDbError } from '../../src/dynamodb/errors.ts';
import { InMemoryDynamoDb } from '../../src/dynamodb/in-memory-dynamodb.ts';

export const table = 'songs';

/** A table with each kind of index, as CreateTable takes it. */
export const songs = {
  TableName: table,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    { AttributeName: 'artist', AttributeType: 'S' },
    { AttributeName: 'year', AttributeType: 'N' },
    { AttributeName: 'label', AttributeType: 'S' },
    { AttributeName: 'title', AttributeType: 'S' },
  ],
  KeySchema: [
    { AttributeName: 'artist', KeyType: 'HASH' },
    { AttributeName: 'year', KeyType: 'RANGE' },
  ],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'by_label',
      KeySchema: [
        { AttributeName: 'label', KeyType: 'HASH' },
        { AttributeName: 'year', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['plays'] },
    },
  ],
  LocalSecondaryIndexes: [
    {
      IndexName: 'by_title',
      KeySchema: [
        { AttributeName: 'artist', KeyType: 'HASH' },
        { AttributeName: 'title', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    },
  ],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
} as const;

export const key = { artist: { S: 'Nina' }, year: { N: '1965' } };

/** A database with the table and, if given, this item under `key`. */
export function databaseWith(attributes?: object): InMemoryDynamoDb {
  const database = new InMemoryDynamoDb();
  database.call('CreateTable', songs);
  if (attributes !== undefined) database.call('PutItem', { TableName: table, Item: { ...key, ...attributes } });
  return database;
}

/** The answer, or the error's name and message. */
export function outcomeOf(call: () => object): object | string {
  try {
    return call();
  } catch (error) {
    if (error instanceof DynamoDbError) return `${error.code}: ${error.message}`;
    throw error;
  }
}
