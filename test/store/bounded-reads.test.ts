import { DynamoDBClient, QueryCommand as PlainQuery } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, expect, test } from 'vitest';
import { listEntries } from '../../shared/store/entries.ts';
import { listUsage } from '../../shared/store/usage.ts';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const mock = mockClient(client);
const database = { client, tables: { ledger: 'ledger', usage: 'usage' } };
const account_id = 'u_1';
const length = 100_000;

/** An entry of a long ledger: the oldest opens the first period, the others are uses. */
function entryAt(seq: number) {
  const transaction_type = seq === 1 ? 'reset' : 'usage';
  const plain = { account_id, entry_id: `e${seq}`, seq, transaction_type, amount: 0, balance_after: 0, lots: [] };
  return { ...plain, description: '', created_at: 0, actor: 'a', fingerprint: null, hash: '' };
}

beforeEach(() => {
  mock.reset();
  mock.on(QueryCommand).callsFake(({ TableName, Limit, ExpressionAttributeValues: values, ExclusiveStartKey }) => {
    if (TableName === 'ledger') {
      const below = Math.min(Number(values[':below']), length + 1);
      const last = Math.max(1, below - Limit);
      const read = Array.from({ length: below - last }, (_, index) => entryAt(below - 1 - index));
      const Items = read.filter((entry) => entry.transaction_type === (values[':type'] ?? entry.transaction_type));
      return { Items, ...(last > 1 ? { LastEvaluatedKey: { account_id, seq: last } } : {}) };
    }
    const first = ExclusiveStartKey === undefined ? 0 : Number(String(ExclusiveStartKey.feature_day).slice(1, 7)) + 1;
    const rows = Array.from({ length: Math.min(Limit, length - first) }, (_, index) => ({
      account_id,
      feature_day: `f${String(first + index).padStart(6, '0')}#2026-03-10`,
      use_count: 1,
      credits: 0,
    }));
    const is_last = first + rows.length === length;
    return { Items: rows, ...(is_last ? {} : { LastEvaluatedKey: rows.at(-1) }) };
  });
});

const queries = () => mock.commandCalls(QueryCommand).length + mock.commandCalls(PlainQuery).length;

test('a listing by a rare type reads a thousand entries a page, and its pages come to the end', async () => {
  const found = [];
  let before_seq: number | undefined;
  let pages = 0;
  for (;;) {
    mock.resetHistory();
    const page = await listEntries(database, account_id, { limit: 20, before_seq, type: 'reset' });
    expect(queries()).toBeLessThanOrEqual(5);
    found.push(...page.entries);
    pages += 1;
    if (page.next_before_seq === null) break;
    before_seq = page.next_before_seq;
  }
  expect(found.map(({ seq }) => seq)).toEqual([1]);
  expect(pages).toBe(length / 1_000);
});

test('a listing by a common type has full pages', async () => {
  const page = await listEntries(database, account_id, { limit: 20, type: 'usage' });
  expect(page.entries).toHaveLength(20);
  expect(page.next_before_seq).toBe(length - 19);
  expect(queries()).toBe(1);
});

test('usage without a feature reads five thousand counters a page, and has each counter once', async () => {
  const seen = new Set<string>();
  let after: string | undefined;
  let rows = 0;
  for (;;) {
    mock.resetHistory();
    const page = await listUsage(database, account_id, { from: '2026-03-01', to: '2026-03-31', after });
    expect(queries()).toBeLessThanOrEqual(5);
    for (const { feature } of page.rows) seen.add(feature);
    rows += page.rows.length;
    if (page.next_after === null) break;
    after = page.next_after;
  }
  expect([rows, seen.size]).toEqual([length, length]);
});
