import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { balanceOf } from '../domain/ledger/lot.ts';
import type { LedgerHead } from '../domain/ledger/verify.ts';
import { fromAccountItem } from './account-item.ts';
import { type Database, tableName } from './database.ts';
import { answered } from './faults.ts';
import { reasonOf, scanPages, toWholeNumber } from './ledger-rows.ts';

/**
 * What the account's item says about its ledger (null without an account), or why nobody can read
 * the item.
 */
export type ReadHead = { readonly head: LedgerHead | null } | { readonly unreadable: string };

/** Reads the end of the ledger from the account, consistently. */
export async function readHead(database: Database, account_id: string): Promise<ReadHead> {
  const { Item } = await answered(
    database.client.send(
      // Without the document client, which throws at a number that it cannot read.
      new GetItemCommand({
        TableName: tableName(database, 'accounts'),
        Key: { account_id: { S: account_id } },
        ConsistentRead: true,
      }),
    ),
  );
  if (Item === undefined) return { head: null };
  try {
    const { seq, head_hash, lots } = fromAccountItem(unmarshall(Item, { wrapNumbers: toWholeNumber }));
    return { head: { seq, head_hash, balance: balanceOf(lots) } };
  } catch (error) {
    return { unreadable: reasonOf(error) };
  }
}

/** The last `seq` of the ledger. Without an account to say so, as far as there are rows. */
export function lastSeq(read: ReadHead): number {
  return ('head' in read ? read.head?.seq : undefined) ?? Number.POSITIVE_INFINITY;
}

/** Whether anything of the account exists: its item, or rows without one. */
export async function hasLedger(database: Database, account_id: string): Promise<boolean> {
  const read = await readHead(database, account_id);
  return 'unreadable' in read || read.head !== null || (await hasRows(database, account_id));
}

async function hasRows(database: Database, account_id: string): Promise<boolean> {
  const { value: first_page = [] } = await scanPages(database, account_id).next();
  return first_page.length > 0;
}

/**
 * Reads the head, and once more if there are rows but no account. Rows are committed together with
 * their account, so the first one may have come between the two reads.
 */
export async function readHeadOfRows(database: Database, account_id: string): Promise<ReadHead> {
  const read = await readHead(database, account_id);
  if ('unreadable' in read || read.head !== null || !(await hasRows(database, account_id))) return read;
  return readHead(database, account_id);
}
