import { describe, expect, it } from 'vitest';
import type { InMemoryDynamoDb } from '../../src/dynamodb/in-memory-dynamodb.ts';
import { databaseWith, outcomeOf, table } from './music.ts';

interface Answer {
  Items?: Record<string, Record<string, string>>[];
  Count?: number;
  ScannedCount?: number;
  LastEvaluatedKey?: object;
}

function catalog(): InMemoryDynamoDb {
  const database = databaseWith();
  const put = (artist: string, year: number, more: object) =>
    database.call('PutItem', { TableName: table, Item: { artist: { S: artist }, year: { N: String(year) }, ...more } });
  for (const year of [1958, 1964, 1965, 1967, 2003]) {
    const label = { S: year < 1965 ? 'Colpix' : 'Philips' };
    put('Nina', year, { label, title: { S: `T${3000 - year}` }, plays: { N: String(year % 10) }, text: { S: 'x' } });
  }
  put('Miles', 1959, { label: { S: 'Columbia' }, plays: { N: '1' } });
  put('Bill', -5, {});
  return database;
}

const database = catalog();

function ask(operation: 'Query' | 'Scan', input: object): Answer {
  return database.call(operation, { TableName: table, ...input });
}

const yearsOf = ({ Items = [] }: Answer) => Items.map(({ year }) => Number(year?.N));

/** Years of Nina's songs under this condition on the year. */
function years(condition: string, values: object = {}, more: object = {}): number[] {
  return yearsOf(
    ask('Query', {
      KeyConditionExpression: `artist = :artist${condition}`,
      ExpressionAttributeNames: condition === '' ? undefined : { '#y': 'year' },
      ExpressionAttributeValues: { ':artist': { S: 'Nina' }, ...values },
      ...more,
    }),
  );
}

const at = { ':at': { N: '1965' } };

describe('a query', () => {
  it.each([
    [' AND #y = :at', [1965]],
    [' AND #y < :at', [1958, 1964]],
    [' AND #y <= :at', [1958, 1964, 1965]],
    [' AND #y > :at', [1967, 2003]],
    [' AND #y >= :at', [1965, 1967, 2003]],
    [' AND :at < #y', [1967, 2003]],
    [' AND (#y = :at)', [1965]],
  ])('artist = :artist%s', (condition, found) => {
    expect(years(condition, at)).toEqual(found);
  });

  it('reads a range, also backwards', () => {
    const range = { ':at': { N: '1964' }, ':to': { N: '1967' } };
    expect(years(' AND #y BETWEEN :at AND :to', range)).toEqual([1964, 1965, 1967]);
    expect(years(' AND #y BETWEEN :at AND :to', range, { ScanIndexForward: false })).toEqual([1967, 1965, 1964]);
  });

  it('finds values that begin with a text', () => {
    const titles = ask('Query', {
      IndexName: 'by_title',
      KeyConditionExpression: 'artist = :artist AND begins_with(title, :start)',
      ExpressionAttributeValues: { ':artist': { S: 'Nina' }, ':start': { S: 'T103' } },
    });
    expect(titles.Items?.map(({ title }) => title?.S)).toEqual(['T1033', 'T1035', 'T1036']);
  });

  it.each([true, false])('reads page by page, forward: %s', (ScanIndexForward) => {
    const seen: number[] = [];
    let start: object | undefined;
    do {
      const page: Answer = ask('Query', {
        KeyConditionExpression: 'artist = :artist',
        ExpressionAttributeValues: { ':artist': { S: 'Nina' } },
        Limit: 2,
        ScanIndexForward,
        ...(start !== undefined && { ExclusiveStartKey: start }),
      });
      seen.push(...yearsOf(page));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    expect(seen).toEqual(ScanIndexForward ? [1958, 1964, 1965, 1967, 2003] : [2003, 1967, 1965, 1964, 1958]);
  });

  it('continues behind an item that was deleted meanwhile', () => {
    expect(years('', {}, { ExclusiveStartKey: { artist: { S: 'Nina' }, year: { N: '1966' } } })).toEqual([1967, 2003]);
  });

  it('counts items toward the limit before the filter', () => {
    const answer = ask('Query', {
      KeyConditionExpression: 'artist = :artist',
      FilterExpression: 'plays > :few',
      ExpressionAttributeValues: { ':artist': { S: 'Nina' }, ':few': { N: '4' } },
      Limit: 3,
      Select: 'COUNT',
    });
    expect(answer).toEqual({
      Count: 2,
      ScannedCount: 3,
      LastEvaluatedKey: { artist: { S: 'Nina' }, year: { N: '1965' } },
    });
  });

  it('ends a page at 1 MB', () => {
    const large = databaseWith();
    for (let year = 1; year <= 4; year += 1) {
      const Item = { artist: { S: 'Nina' }, year: { N: String(year) }, text: { S: 'x'.repeat(400_000) } };
      large.call('PutItem', { TableName: table, Item });
    }
    const { Count, LastEvaluatedKey }: Answer = large.call('Scan', { TableName: table });
    expect({ Count, LastEvaluatedKey }).toEqual({
      Count: 3,
      LastEvaluatedKey: { artist: { S: 'Nina' }, year: { N: '3' } },
    });
  });

  const on_label = {
    IndexName: 'by_label',
    KeyConditionExpression: 'label = :label',
    ExpressionAttributeValues: { ':label': { S: 'Philips' } },
  };

  it('of a global index answers its projection in its order, and a start key with all keys', () => {
    const { Items, LastEvaluatedKey } = ask('Query', { ...on_label, Limit: 1 });
    const first = { artist: { S: 'Nina' }, year: { N: '1965' }, label: { S: 'Philips' } };
    expect(Items).toEqual([{ ...first, plays: { N: '5' } }]);
    expect(LastEvaluatedKey).toEqual(first);
    expect(yearsOf(ask('Query', { ...on_label, ExclusiveStartKey: LastEvaluatedKey }))).toEqual([1967, 2003]);
  });

  it('of a local index reads from the table what the index does not hold', () => {
    const of_title = {
      IndexName: 'by_title',
      KeyConditionExpression: 'artist = :artist',
      ExpressionAttributeValues: { ':artist': { S: 'Nina' } },
      Limit: 1,
    };
    const keys = { artist: { S: 'Nina' }, year: { N: '2003' }, title: { S: 'T997' } };
    const last = { ...of_title, ScanIndexForward: false };
    expect(ask('Query', last).Items).toEqual([keys]);
    expect(ask('Query', { ...last, ProjectionExpression: 'plays' }).Items).toEqual([{ plays: { N: '3' } }]);
    expect(ask('Query', { ...last, Select: 'ALL_ATTRIBUTES' }).Items).toEqual([
      { ...keys, label: { S: 'Philips' }, plays: { N: '3' }, text: { S: 'x' } },
    ]);
  });

  it('sees items move in an index or leave it', () => {
    const moving = catalog();
    const find = (label: string): Answer =>
      moving.call('Query', { ...on_label, TableName: table, ExpressionAttributeValues: { ':label': { S: label } } });
    const update = (UpdateExpression: string, more: object) =>
      moving.call('UpdateItem', {
        TableName: table,
        Key: { artist: { S: 'Nina' }, year: { N: '1965' } },
        UpdateExpression,
        ...more,
      });
    update('SET label = :label', { ExpressionAttributeValues: { ':label': { S: 'RCA' } } });
    expect([yearsOf(find('Philips')), yearsOf(find('RCA'))]).toEqual([[1967, 2003], [1965]]);
    update('REMOVE label', {});
    expect(yearsOf(find('RCA'))).toEqual([]);
  });

  it.each([
    ['artist > :v', {}, 'Query key condition not supported'],
    ['label = :v', {}, 'Query condition missed key schema element: artist'],
    ['artist = :v AND plays = :v', {}, 'Query condition missed key schema element: year'],
    ['artist = :v OR artist = :v', {}, 'Invalid operator used in KeyConditionExpression: OR'],
    ['artist <> :v', {}, 'Invalid operator used in KeyConditionExpression: <>'],
    ['artist = :v AND artist = :v', {}, 'KeyConditionExpressions must only contain one condition per key'],
    [
      'artist = :v',
      { ConsistentRead: true, IndexName: 'by_label' },
      'Consistent reads are not supported on global secondary indexes',
    ],
    ['artist = :v', { IndexName: 'by_year' }, 'The table does not have the specified index: by_year'],
    [
      'artist = :v',
      { FilterExpression: 'artist = :v' },
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: artist',
    ],
    [
      'artist = :v',
      { ExclusiveStartKey: { artist: { S: 'x' }, year: { N: '1' } } },
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [
      'artist = :v',
      { ExclusiveStartKey: { artist: { S: 'Nina' } } },
      'The provided starting key is invalid: The provided key element does not match the schema',
    ],
    [
      'label = :v',
      { IndexName: 'by_label', ProjectionExpression: 'notes' },
      'One or more parameter values were invalid: Global secondary index by_label does not project [notes]',
    ],
    [
      'label = :v',
      { IndexName: 'by_label', Select: 'ALL_ATTRIBUTES' },
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index by_label because its projection type is not ALL',
    ],
  ])('%s %j is refused', (KeyConditionExpression, more, message) => {
    const input = { KeyConditionExpression, ExpressionAttributeValues: { ':v': { S: 'Nina' } }, ...more };
    expect(outcomeOf(() => ask('Query', input))).toBe(`ValidationException: ${message}`);
  });
});

describe('a scan', () => {
  it('finds each item once, also page by page and in segments', () => {
    const all = ask('Scan', {});
    expect(all.Count).toBe(7);
    const paged: object[] = [];
    let start: object | undefined;
    do {
      const page: Answer = ask('Scan', { Limit: 3, ...(start && { ExclusiveStartKey: start }) });
      paged.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    expect(paged).toEqual(all.Items);
    const segments = [0, 1, 2].flatMap((Segment) => ask('Scan', { Segment, TotalSegments: 3 }).Items ?? []);
    expect(segments).toEqual(all.Items);
  });

  it('filters by keys too, and can read an index', () => {
    const filtered = ask('Scan', {
      FilterExpression: 'artist = :artist',
      ExpressionAttributeValues: { ':artist': { S: 'Miles' } },
    });
    expect([filtered.Count, filtered.ScannedCount]).toEqual([1, 7]);
    expect(ask('Scan', { IndexName: 'by_label', Select: 'COUNT' }).Count).toBe(6);
  });
});

it('a projection keeps the shape of nested values', () => {
  const nested = databaseWith({
    studio: { M: { city: { S: 'New York' }, rooms: { L: [{ S: 'A' }, { S: 'B' }, { S: 'C' }] } } },
    plays: { N: '1' },
  });
  const read = (ProjectionExpression: string) =>
    nested.call('GetItem', {
      TableName: table,
      Key: { artist: { S: 'Nina' }, year: { N: '1965' } },
      ProjectionExpression,
    });
  expect(read('studio.rooms[2], studio.rooms[0], plays, nowhere')).toEqual({
    Item: { studio: { M: { rooms: { L: [{ S: 'A' }, { S: 'C' }] } } }, plays: { N: '1' } },
  });
  expect(read('nowhere')).toEqual({ Item: {} });
});
