import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { expect } from 'vitest';
import type { Account } from '../../shared/domain/account/account.ts';
import { monthOf } from '../../shared/domain/account/member.ts';
import type { Entry } from '../../shared/domain/ledger/entry.ts';
import { balanceOf } from '../../shared/domain/ledger/lot.ts';
import { fromAccountItem } from '../../shared/store/account-item.ts';
import { getMember } from '../../shared/store/account-rows.ts';
import { type Database, tableName } from '../../shared/store/database.ts';
import { fromEntryItem } from '../../shared/store/entry-item.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { pace } from '../engines/engines.ts';

export interface Stored {
  readonly account: Account;
  /** The whole ledger, oldest first. */
  readonly entries: readonly Entry[];
}

/**
 * An account as its rows are, with nothing added by time; and that everything in them agrees with
 * everything else.
 */
export async function soundAccount(database: Database, account_id: string): Promise<Stored> {
  const [account, entries] = [await storedAccount(database, account_id), await ledgerOf(database, account_id)];
  expect(await verifyLedger(database, account_id, pace)).toEqual({
    ok: true,
    entries: account.seq,
    balance: balanceOf(account.lots),
    problems: [],
  });
  expectLots(account);
  expectOneEndOfEachHold(account, entries);
  await expectRefunds(database, account_id, entries);
  await expectMembers(database, account_id, entries);
  return { account, entries };
}

export async function storedAccount(database: Database, account_id: string): Promise<Account> {
  const { Item } = await database.client.send(
    new GetCommand({ TableName: tableName(database, 'accounts'), Key: { account_id }, ConsistentRead: true }),
  );
  return fromAccountItem(Item);
}

export async function ledgerOf(database: Database, account_id: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  let start_key: Record<string, unknown> | undefined;
  do {
    const page = await database.client.send(
      new QueryCommand({
        TableName: tableName(database, 'ledger'),
        KeyConditionExpression: 'account_id = :account_id',
        ExpressionAttributeValues: { ':account_id': account_id },
        ConsistentRead: true,
        ExclusiveStartKey: start_key,
      }),
    );
    entries.push(...(page.Items ?? []).map(fromEntryItem));
    start_key = page.LastEvaluatedKey;
  } while (start_key !== undefined);
  return entries.toSorted((a, b) => a.seq - b.seq);
}

/** Nothing below zero, and what lots say is held is what the open holds have pinned in them. */
function expectLots({ lots, holds }: Account): void {
  const pinned = new Map<string, number>();
  for (const { lot_id, amount } of holds.flatMap(({ pins }) => pins)) {
    pinned.set(lot_id, amount + (pinned.get(lot_id) ?? 0));
  }
  for (const { id, amount, remaining, held, is_closed } of lots) {
    expect(held).toBe(pinned.get(id) ?? 0);
    expect(held).toBeLessThanOrEqual(remaining);
    expect(remaining).toBeLessThanOrEqual(amount);
    if (is_closed) expect(remaining).toBe(held);
    pinned.delete(id);
  }
  expect([...pinned.keys()]).toEqual([]);
}

/** A hold is open, or was settled or released, once. */
function expectOneEndOfEachHold({ holds }: Account, entries: readonly Entry[]): void {
  const opened = entries.filter(({ transaction_type }) => transaction_type === 'hold').map(({ hold_id }) => hold_id);
  const ended = entries.filter(({ entry_id }) => /^(settle|release):/.test(entry_id)).map(({ hold_id }) => hold_id);
  const known = [...ended, ...holds.map(({ id }) => id)];
  expect(known).toHaveLength(opened.length);
  expect(new Set(known)).toEqual(new Set(opened));
}

/**
 * No charge was given back more than once, and each row that says how much was says what the ledger
 * does.
 */
async function expectRefunds(database: Database, account_id: string, entries: readonly Entry[]): Promise<void> {
  const given = new Map<string, number>();
  for (const { refunds, amount, covered_credits } of entries) {
    if (refunds !== undefined) given.set(refunds, (covered_credits ?? amount) + (given.get(refunds) ?? 0));
  }
  for (const [entry_id, refunded_credits] of given) {
    const charge = entries.find((entry) => entry.entry_id === entry_id);
    expect(refunded_credits).toBeLessThanOrEqual(charge?.covered_credits ?? -(charge?.amount ?? 0));
    const { Item } = await database.client.send(
      new GetCommand({
        TableName: tableName(database, 'account_parts'),
        Key: { account_id, part_key: `refunded:${entry_id}` },
        ConsistentRead: true,
      }),
    );
    expect(Item?.refunded_credits).toBe(refunded_credits);
  }
}

/**
 * Each member's counter is the sum of the charges and refunds of its month that name the member.
 */
async function expectMembers(database: Database, account_id: string, entries: readonly Entry[]): Promise<void> {
  const named = new Set(entries.flatMap(({ member }) => (member === undefined ? [] : [member])));
  for (const member of named) {
    const { month, used_credits } = await getMember(database, account_id, member);
    const spent = entries
      .filter((entry) => entry.member === member && monthOf(entry.created_at) === month)
      .reduce((sum, { amount, covered_credits, refunds }) => {
        const credits = covered_credits ?? Math.abs(amount);
        return sum + (refunds === undefined ? credits : -credits);
      }, 0);
    expect(used_credits).toBe(spent);
  }
}
