import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Database, missingEngine, startDatabase } from '../../src/database.ts';
import { isRecord } from '../../src/dynamodb/attribute-value.ts';
import { DynamoDbError } from '../../src/dynamodb/errors.ts';
import { InMemoryDynamoDb } from '../../src/dynamodb/in-memory-dynamodb.ts';
import { songs, table } from './music.ts';

interface Call {
  operation: string;
  input: object;
}

const names = { '#y': 'year' };
const year = fc.integer({ min: -1, max: 2 }).map((number) => ({ N: String(number) }));
const number = fc.constantFrom('0', '1', '2.50', '-3', '1e2').map((N) => ({ N }));
const text = fc.constantFrom('', 'a', 'ab', 'b', 'é', '😀').map((S) => ({ S }));
const set = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }).map((SS) => ({ SS }));
const list = fc.array(fc.oneof(number, text), { maxLength: 3 }).map((L) => ({ L }));
const map = fc.record({ x: number, y: fc.oneof(text, list) }, { requiredKeys: [] }).map((M) => ({ M }));
const any = fc.oneof(number, text, set, list, map, fc.constant({ BOOL: true }), fc.constant({ NULL: true }));

const attributes = fc.record(
  { plays: fc.oneof(number, any), tags: set, tracks: list, studio: map, label: text, title: text, notes: any },
  { requiredKeys: [] },
);

const conditions = [
  'attribute_exists(artist)',
  'attribute_not_exists(artist)',
  'plays = :any',
  'plays <> :any',
  'plays < :number',
  'plays >= :number',
  'plays BETWEEN :number AND :high',
  'plays IN (:number, :any)',
  'contains(tags, :text)',
  'contains(tracks, :any)',
  'contains(notes, :any)',
  'begins_with(label, :text)',
  'size(notes) > :number',
  'studio.x = :number',
  'tracks[0] = :any',
  'attribute_exists(studio.y[1]) OR NOT plays > :number',
  'attribute_exists(artist) AND (plays = :number OR attribute_not_exists(tags))',
];

const updates = [
  'SET plays = :any',
  'SET plays = plays + :number',
  'SET plays = if_not_exists(plays, :number) - :number',
  'SET studio.x = :any',
  'SET tracks = list_append(tracks, :list)',
  'SET tracks[0] = :any',
  'SET notes = plays, plays = :any REMOVE tags',
  'REMOVE tracks, notes',
  'ADD plays :number',
  'ADD tags :set',
  'DELETE tags :set',
  'SET label = :text, title = :text',
];

/** The values that these expressions name. */
const valuesFor = (...expressions: readonly string[]) =>
  fc
    .record({ any, number, text, set, list })
    .map((all) => ({ ...all, high: { N: '1000' } }))
    .map((all) => {
      const used = Object.entries(all).filter(([name]) => new RegExp(`:${name}\\b`).test(expressions.join(' ')));
      return used.length === 0
        ? {}
        : { ExpressionAttributeValues: Object.fromEntries(used.map(([n, v]) => [`:${n}`, v])) };
    });

const condition = fc.option(fc.constantFrom(...conditions), { nil: '' });

/** Calls on two partitions that no other run uses. */
function callsOf(run: string): fc.Arbitrary<Call> {
  const artist = fc.constantFrom('one', 'two').map((name) => ({ S: `${run} ${name}` }));
  const key = fc.record({ artist, year });
  const own = attributes.map((all) => (all.label?.S ? { ...all, label: { S: `${run} ${all.label.S}` } } : all));
  const item = fc.tuple(key, own).map(([keys, all]) => ({ ...all, ...keys }));
  const conditional = condition.chain((text) =>
    valuesFor(text).map((values) => (text === '' ? {} : { ConditionExpression: text, ...values })),
  );
  const returned = fc.constantFrom('ALL_OLD', 'NONE').map((ReturnValues) => ({ ReturnValues }));
  const put = fc.tuple(item, conditional).map(([Item, more]) => ({ TableName: table, Item, ...more }));
  const remove = fc.tuple(key, conditional).map(([Key, more]) => ({ TableName: table, Key, ...more }));
  const update = fc.tuple(fc.constantFrom(...updates), condition).chain(([expression, when]) =>
    fc.tuple(key, valuesFor(expression, when)).map(([Key, values]) => ({
      TableName: table,
      Key,
      UpdateExpression: expression,
      ...(when !== '' && { ConditionExpression: when }),
      ...values,
    })),
  );
  const call = <T extends object>(operation: string, input: fc.Arbitrary<T>) =>
    input.map((given): Call => ({ operation, input: given }));
  return fc.oneof(
    call(
      'PutItem',
      fc.tuple(put, returned).map(([one, two]) => ({ ...one, ...two })),
    ),
    call(
      'DeleteItem',
      fc.tuple(remove, returned).map(([one, two]) => ({ ...one, ...two })),
    ),
    call(
      'UpdateItem',
      update.map((one) => ({ ...one, ReturnValues: 'ALL_NEW' })),
    ),
    call(
      'GetItem',
      key.map((Key) => ({ TableName: table, Key })),
    ),
    call('Query', queriesOf(run, artist)),
    call(
      'TransactWriteItems',
      fc
        .array(
          fc.oneof(
            put.map((Put) => ({ Put })),
            remove.map((Delete) => ({ Delete })),
            update.map((Update) => ({ Update })),
          ),
          {
            minLength: 1,
            maxLength: 3,
          },
        )
        .map((TransactItems) => ({ TransactItems })),
    ),
    call(
      'BatchGetItem',
      fc
        .uniqueArray(key, { minLength: 1, selector: (one) => JSON.stringify(one) })
        .map((Keys) => ({ RequestItems: { [table]: { Keys } } })),
    ),
  );
}

function queriesOf(run: string, artist: fc.Arbitrary<{ S: string }>): fc.Arbitrary<object> {
  const paging = fc.record(
    { Limit: fc.integer({ min: 1, max: 4 }), ScanIndexForward: fc.boolean() },
    { requiredKeys: [] },
  );
  const range = fc.constantFrom('', ' AND #y > :at', ' AND #y <= :at', ' AND #y = :at');
  const of_table = fc.tuple(artist, range, year, paging).map(([one, on_year, at, page]) => ({
    KeyConditionExpression: `artist = :artist${on_year}`,
    ExpressionAttributeValues: { ':artist': one, ...(on_year !== '' && { ':at': at }) },
    ...(on_year !== '' && { ExpressionAttributeNames: names }),
    ...page,
  }));
  const of_title = fc.tuple(artist, text, paging).map(([one, start, page]) => ({
    IndexName: 'by_title',
    KeyConditionExpression: 'artist = :artist AND begins_with(title, :start)',
    ExpressionAttributeValues: { ':artist': one, ':start': start.S === '' ? { S: 'a' } : start },
    ...page,
  }));
  // Items with the same index key are in an order that engines choose, so all of them are read.
  const of_label = text.map(({ S }) => ({
    IndexName: 'by_label',
    KeyConditionExpression: 'label = :label',
    ExpressionAttributeValues: { ':label': { S: `${run} ${S}` } },
  }));
  return fc.oneof(of_table, of_title, of_label).map((query) => ({ TableName: table, ...query }));
}

const unordered = new Set(['SS', 'NS', 'BS', 'Responses']);

/** An answer whose members are in one order. */
function normalized(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) {
    const members = value.map((one) => normalized(one));
    return unordered.has(name) ? members.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : members;
  }
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'message' && key !== 'Message');
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, normalized(one, key)]),
  );
}

/** Engines differ in whether an invalid item of a transaction refuses or cancels it. */
function outcome(answer: object): unknown {
  const is_invalid = /"(ValidationException|ValidationError)"/.test(JSON.stringify(answer));
  return is_invalid ? 'invalid' : normalized(answer);
}

function ofMemory(database: InMemoryDynamoDb, { operation, input }: Call): unknown {
  try {
    return outcome(database.call(operation, input));
  } catch (error) {
    if (!(error instanceof DynamoDbError)) throw error;
    return outcome({ error: error.code, ...error.members });
  }
}

async function ofEngine({ endpoint }: Database, { operation, input }: Call): Promise<unknown> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      'x-amz-date': '20260101T000000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body: JSON.stringify(input),
  });
  const { __type: type, ...answer } = z.looseObject({ __type: z.string().optional() }).parse(await response.json());
  return outcome(type !== undefined ? { error: type.split('#')[1], ...answer } : answer);
}

const missing = missingEngine('dynoxide');

describe.skipIf(missing !== null)(
  `the in-memory DynamoDB beside dynoxide${missing === null ? '' : `: ${missing}`}`,
  () => {
    let other: Database;
    const memory = new InMemoryDynamoDb();

    beforeAll(async () => {
      other = await startDatabase('dynoxide');
      const create = { operation: 'CreateTable', input: songs };
      ofMemory(memory, create);
      await ofEngine(other, create);
    });

    afterAll(() => other.close());

    it('gives the same answers to random calls', async () => {
      let runs = 0;
      const calls = fc.constant(null).chain(() => fc.array(callsOf('run'), { minLength: 5, maxLength: 30 }));
      await fc.assert(
        fc.asyncProperty(calls, async (all) => {
          runs += 1;
          for (const call of all) {
            // Every run has partitions of its own.
            const own: Call = JSON.parse(JSON.stringify(call).replaceAll('"run ', `"run ${runs} `));
            expect({ own, answer: ofMemory(memory, own) }).toEqual({ own, answer: await ofEngine(other, own) });
          }
        }),
        { numRuns: 60 },
      );
    });
  },
);
