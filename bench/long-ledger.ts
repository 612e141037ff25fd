import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps } from '../functions/composition.ts';
import type { Account } from '../shared/domain/account/account.ts';
import { presentOf } from '../shared/domain/time/present.ts';
import { toAccountItem } from '../shared/store/account-item.ts';
import { tableName } from '../shared/store/database.ts';
import { toEntryItem } from '../shared/store/entry-item.ts';
import { deductOne, openAccount } from './deductions.ts';
import { writeRows } from './write-rows.ts';

/** Entries that are decided before they are written. */
const chunk = 200;

/**
 * An account with this many deductions. They are decided as the store decides them, but written as
 * a restore would: in batches and without conditions, because a transaction for each would take
 * minutes.
 */
export async function openLongLedger(deps: Deps, deductions: number): Promise<Account> {
  const { accounts, database, catalog, config, clock } = deps;
  let account = await openAccount(accounts);
  let rows: Record<string, unknown>[] = [];
  for (let deducted = 0; deducted < deductions; deducted += 1) {
    const decision = deductOne().decide(presentOf(account, catalog, clock()));
    if (!('draft' in decision)) throw new Error('a deduction of one credit was not booked');
    account = decision.draft.account;
    rows.push(...decision.draft.entries.map(toEntryItem));
    if (rows.length < chunk) continue;
    await writeRows(database, 'ledger', rows);
    rows = [];
  }
  await writeRows(database, 'ledger', rows);
  const written = { ...account, version: account.version + 1 };
  const Item = toAccountItem(written, catalog, config.sweep.due_shards);
  await database.client.send(new PutCommand({ TableName: tableName(database, 'accounts'), Item }));
  return written;
}
