import type { Engine, Operation } from './engine.ts';
import { DynamoDbError } from './errors.ts';
import { query, scan } from './operations/query.ts';
import { batchGetItem, getItem, transactGetItems } from './operations/read-item.ts';
import { describeStream, getRecords, getShardIterator, listStreams } from './operations/stream-operations.ts';
import {
  createTable,
  deleteTable,
  describeTableOperation,
  describeTimeToLive,
  listTables,
  updateTable,
  updateTimeToLive,
} from './operations/table-operations.ts';
import { transactWriteItems } from './operations/transact-write.ts';
import { batchWriteItem, deleteItem, putItem, updateItem } from './operations/write-item.ts';

const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    BatchGetItem: batchGetItem,
    BatchWriteItem: batchWriteItem,
    CreateTable: createTable,
    DeleteItem: deleteItem,
    DeleteTable: deleteTable,
    DescribeStream: describeStream,
    DescribeTable: describeTableOperation,
    DescribeTimeToLive: describeTimeToLive,
    GetItem: getItem,
    GetRecords: getRecords,
    GetShardIterator: getShardIterator,
    ListStreams: listStreams,
    ListTables: listTables,
    PutItem: putItem,
    Query: query,
    Scan: scan,
    TransactGetItems: transactGetItems,
    TransactWriteItems: transactWriteItems,
    UpdateItem: updateItem,
    UpdateTable: updateTable,
    UpdateTimeToLive: updateTimeToLive,
  }),
);

/**
 * Tables in memory that answer as DynamoDB does. Every call takes effect at once and as a whole, so
 * reads are always consistent and transactions never conflict.
 */
export class InMemoryDynamoDb {
  readonly #engine: Engine;

  /** `now`: milliseconds since the epoch; dates tables, stream records and ClientRequestTokens. */
  constructor({ now = Date.now }: { now?: () => number } = {}) {
    this.#engine = { tables: new Map(), answered: new Map(), now };
  }

  /**
   * Answers one operation, e.g. `call('GetItem', { TableName, Key })`; input and output are
   * DynamoDB's own JSON. The output must not be changed: it shares values with the tables. Throws
   * `DynamoDbError`.
   */
  call(operation: string, input: unknown): object {
    const perform = operations.get(operation);
    if (perform !== undefined) return perform(this.#engine, input);
    throw new DynamoDbError('UnknownOperationException', `The in-memory DynamoDB does not know ${operation}.`);
  }
}
