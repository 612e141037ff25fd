import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand, type QueryCommandOutput, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import * as z from '../zod.ts';
import { type Database, tableName } from './database.ts';
import { AccountBusy } from './errors.ts';
import { answered, backoff, isUncertain, type Pace } from './faults.ts';
import { findAnswer, putAnswer } from './requests.ts';
import { Turns } from './turns.ts';
import { featureDay } from './usage-item.ts';

/** A use of a feature that costs no credits. */
export interface RecordUsage {
  readonly account_id: string;
  readonly feature: string;
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly count: number;
  readonly idempotency_key: string;
  readonly fingerprint: string;
}

const recorded_usage = z.object({ feature: z.string(), date: z.string(), count: z.int() });

/** The counter after the use. `count` is the day's. */
export type RecordedUsage = z.output<typeof recorded_usage> & { replayed: boolean };

const tries_max = 10;

/**
 * Counts uses, each once per idempotency key. The day's new count and its answer are written
 * together. Throws `idempotency_key_reused`, or `AccountBusy` if others count the same feature
 * faster.
 */
export function usageRecorder(database: Database, pace: Pace): (use: RecordUsage) => Promise<RecordedUsage> {
  /** Uses of one counter that come at the same time. */
  const turns = new Turns();
  return (use) => {
    const counter = JSON.stringify([use.account_id, use.feature, use.day]);
    return turns.take(counter, () => record(database, use, pace));
  };
}

async function record(database: Database, use: RecordUsage, pace: Pace): Promise<RecordedUsage> {
  const { account_id, feature, day, fingerprint } = use;
  const request = { account_id, request_key: `usage:${use.idempotency_key}`, fingerprint };
  for (let tries = 1; tries <= tries_max; tries += 1) {
    const before = await countOf(database, account_id, featureDay(feature, day));
    const answer = { feature, date: day, count: before + use.count };
    const counted = { Update: countFrom(database, use, before) };
    const kept = { Put: putAnswer(database, request, answer) };
    try {
      await database.client.send(new TransactWriteCommand({ TransactItems: [counted, kept] }));
      return { ...answer, replayed: false };
    } catch (error) {
      if (!(error instanceof TransactionCanceledException) && !isUncertain(error)) throw error;
    }
    const first = await findAnswer(database, request);
    if (first !== null) return { ...recorded_usage.parse(first), replayed: true };
    await pace.wait(backoff(tries, pace.random));
  }
  throw new AccountBusy();
}

async function countOf(database: Database, account_id: string, feature_day: string): Promise<number> {
  const { Item } = await answered(
    database.client.send(
      new GetCommand({
        TableName: tableName(database, 'usage'),
        Key: { account_id, feature_day },
        ConsistentRead: true,
      }),
    ),
  );
  return Item === undefined ? 0 : usage_item.parse(Item).use_count;
}

/** Counts on from the count that was read, and from no other. */
function countFrom(database: Database, { account_id, feature, day, count }: RecordUsage, before: number) {
  return {
    TableName: tableName(database, 'usage'),
    Key: { account_id, feature_day: featureDay(feature, day) },
    UpdateExpression: 'ADD use_count :count, credits :credits',
    ConditionExpression: before === 0 ? 'attribute_not_exists(use_count)' : 'use_count = :before',
    ExpressionAttributeValues: { ':count': count, ':credits': 0, ...(before === 0 ? {} : { ':before': before }) },
  };
}

const usage_item = z.object({ feature_day: z.string(), use_count: z.int(), credits: z.int() });

export interface UsageRow {
  readonly date: string;
  readonly feature: string;
  readonly count: number;
  readonly credits: number;
}

export interface UsagePage {
  /** By day, then by feature. */
  readonly rows: readonly UsageRow[];
  /** The next page begins after this counter; null if there is none. */
  readonly next_after: string | null;
}

/** So many counters are read at a time, */
const counters_per_query = 1_000;
/** and so often at most for one page. */
const queries_max = 5;

/**
 * Uses and credits per feature and UTC day, both days included. A page comes from at most five
 * thousand counters: without a feature they are those of all days, feature by feature, so a page
 * may hold few rows, or none, and the next one goes on from there.
 */
export async function listUsage(
  database: Database,
  account_id: string,
  { from, to, feature, after }: { from: string; to: string; feature?: string | undefined; after?: string | undefined },
): Promise<UsagePage> {
  const rows: UsageRow[] = [];
  let start_key: Record<string, unknown> | undefined =
    after === undefined ? undefined : { account_id, feature_day: after };
  let queries = 0;
  do {
    const page: QueryCommandOutput = await answered(
      database.client.send(
        new QueryCommand({
          TableName: tableName(database, 'usage'),
          ...keysOf(account_id, from, to, feature),
          ExclusiveStartKey: start_key,
          Limit: counters_per_query,
        }),
      ),
    );
    rows.push(...(page.Items ?? []).map(toUsageRow));
    start_key = page.LastEvaluatedKey;
    queries += 1;
  } while (start_key !== undefined && queries < queries_max);
  const asked = rows
    .filter((row) => row.date >= from && row.date <= to)
    .toSorted((a, b) => compare(a.date, b.date) || compare(a.feature, b.feature));
  return { rows: asked, next_after: start_key === undefined ? null : String(start_key.feature_day) };
}

/** One feature's days lie together. Without a feature, all counters of the account are read. */
function keysOf(account_id: string, from: string, to: string, feature: string | undefined) {
  if (feature === undefined) {
    return {
      KeyConditionExpression: 'account_id = :account_id',
      ExpressionAttributeValues: { ':account_id': account_id },
    };
  }
  return {
    KeyConditionExpression: 'account_id = :account_id AND feature_day BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':account_id': account_id,
      ':from': featureDay(feature, from),
      ':to': featureDay(feature, to),
    },
  };
}

function toUsageRow(item: unknown): UsageRow {
  const { feature_day, use_count, credits } = usage_item.parse(item);
  const [feature = '', date = ''] = feature_day.split('#');
  return { date, feature, count: use_count, credits };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
