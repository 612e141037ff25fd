import { type CancellationReason, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Account } from '../domain/account/account.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import type { Catalog } from '../domain/plan.ts';
import type { Instant } from '../domain/units.ts';
import { fromAccountItem, toAccountItem } from './account-item.ts';
import { type ChangedRows, putRows } from './account-rows.ts';
import { type Database, tableName } from './database.ts';
import { fromEntryItem, toEntryItem } from './entry-item.ts';
import { isUncertain } from './faults.ts';
import { type StripeEventRecord, toStripeEventItem, unless_handled } from './stripe-event-item.ts';
import { type AccountUsage, incrementUsage } from './usage-item.ts';

/** Everything that one transaction writes. */
export interface Commit {
  /**
   * The account's new state, whose version is still the one that the decision saw; null if the
   * account does not change.
   */
  readonly account: Account | null;
  readonly entries: readonly Entry[];
  /** At most one per feature and day, because a transaction touches an item once. */
  readonly usage: readonly AccountUsage[];
  readonly markers: readonly StripeEventRecord[];
  /** Rows that change together with the account. */
  readonly rows: ChangedRows;
}

export const empty_commit: Commit = {
  account: null,
  entries: [],
  usage: [],
  markers: [],
  rows: { members: [], refunded: [], payments: [] },
};

export type CommitResult =
  | { readonly kind: 'committed'; readonly account: Account | null }
  | {
      readonly kind: 'cancelled';
      /** The present account, if it is no longer at the version that the decision saw. */
      readonly newer: Account | null;
      /**
       * Whether the account is still at that version. After a conflict the database says neither.
       */
      readonly is_current: boolean;
      /** Entries that the ledger already holds, by id. */
      readonly entries: ReadonlyMap<string, Entry>;
      /** Stripe events that were already handled. */
      readonly markers: ReadonlySet<string>;
    }
  /** Contention or throttling: nothing was written. */
  | { readonly kind: 'contended' }
  /** The database did not say: all or nothing was written. */
  | { readonly kind: 'uncertain'; readonly cause: unknown };

type PutCondition = Pick<NonNullable<TransactItem['Put']>, 'ConditionExpression' | 'ExpressionAttributeValues'>;
type TransactItem = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** DynamoDB's limit on the items of one transaction. */
export const transaction_items_max = 100;

/** The number of items in the commit's transaction. */
export function itemsOf({ account, entries, usage, markers, rows }: Commit): number {
  const { members, refunded, payments } = rows;
  const lists = [entries, usage, markers, members, refunded, payments];
  return lists.reduce((sum, list) => sum + list.length, account === null ? 0 : 1);
}

/**
 * Writes account, entries, counters, markers and rows in one transaction: all of it, or nothing.
 * The account's condition is its version; an entry's, that it does not exist; a marker's, that the
 * event was not handled.
 */
export async function commit(
  database: Database,
  work: Commit,
  options: { catalog: Catalog; due_shards: number; now: Instant },
): Promise<CommitResult> {
  const account = work.account === null ? null : nextVersion(work.account, options.now);
  const items = [
    ...(account === null ? [] : [putAccount(database, account, options)]),
    ...work.entries.map((entry) => putIf(tableName(database, 'ledger'), toEntryItem(entry), is_new_entry)),
    ...work.markers.map((marker) =>
      putIf(tableName(database, 'stripe_events'), toStripeEventItem(marker, options.now), unless_handled),
    ),
    ...work.usage.map((usage) => incrementUsage(database, usage)),
    ...(account === null ? [] : putRows(database, account.account_id, work.rows)),
  ];
  try {
    await database.client.send(new TransactWriteCommand({ TransactItems: items }));
    return { kind: 'committed', account };
  } catch (error) {
    if (error instanceof TransactionCanceledException) return readReasons(error, work);
    if (isUncertain(error)) return { kind: 'uncertain', cause: error };
    throw error;
  }
}

function nextVersion(account: Account, now: Instant): Account {
  return { ...account, version: account.version + 1, updated_at: Math.max(account.updated_at, now) };
}

function putAccount(
  database: Database,
  account: Account,
  { catalog, due_shards }: { catalog: Catalog; due_shards: number },
): TransactItem {
  const decided_on = account.version - 1;
  const condition =
    decided_on === 0
      ? { ConditionExpression: 'attribute_not_exists(account_id)' }
      : { ConditionExpression: 'version = :decided_on', ExpressionAttributeValues: { ':decided_on': decided_on } };
  return {
    Put: {
      TableName: tableName(database, 'accounts'),
      Item: toAccountItem(account, catalog, due_shards),
      ...condition,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

const is_new_entry: PutCondition = { ConditionExpression: 'attribute_not_exists(entry_id)' };

function putIf(table: string, item: Record<string, unknown>, condition: PutCondition): TransactItem {
  return {
    Put: { TableName: table, Item: item, ...condition, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
  };
}

/** Reads the reason of every item: reasons come one per item and can be mixed. */
function readReasons(error: TransactionCanceledException, work: Commit): CommitResult {
  const reasons = error.CancellationReasons ?? [];
  const [of_account, of_entries, of_markers] = splitReasons(reasons, work);
  const failed = (reason: CancellationReason) => reason.Code === 'ConditionalCheckFailed';
  if (reasons.some(failed)) {
    return {
      kind: 'cancelled',
      newer:
        of_account !== undefined && failed(of_account) && of_account.Item
          ? fromAccountItem(unmarshall(of_account.Item))
          : null,
      is_current: of_account?.Code === 'None',
      entries: new Map(
        of_entries
          .filter(failed)
          .map((reason) => entryOf(reason))
          .map((entry) => [entry.entry_id, entry]),
      ),
      markers: new Set(
        work.markers
          .filter((_, place) => of_markers[place]?.Code === 'ConditionalCheckFailed')
          .map((marker) => marker.event_id),
      ),
    };
  }
  if (reasons.every((reason) => reason.Code === undefined || passing_codes.has(reason.Code)))
    return { kind: 'contended' };
  throw error;
}

const passing_codes: ReadonlySet<string> = new Set([
  'None',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

function splitReasons(reasons: readonly CancellationReason[], { account, entries, markers }: Commit) {
  const first_entry = account === null ? 0 : 1;
  const first_marker = first_entry + entries.length;
  return [
    account === null ? undefined : reasons[0],
    reasons.slice(first_entry, first_marker),
    reasons.slice(first_marker, first_marker + markers.length),
  ] as const;
}

function entryOf({ Item }: CancellationReason): Entry {
  if (Item === undefined) throw new Error('an entry that exists comes back with its cancellation reason (ALL_OLD)');
  return fromEntryItem(unmarshall(Item));
}
