import { setTimeout as wait } from 'node:timers/promises';
import type { Account } from '../shared/domain/account/account.ts';
import { balanceOf } from '../shared/domain/ledger/lot.ts';
import type { Database } from '../shared/store/database.ts';
import { verifyLedger } from '../shared/store/verify-ledger.ts';

/**
 * Checks that none of this many deductions of one credit was lost or booked twice since the account
 * was as given. Throws otherwise.
 */
export async function checkDeductions(database: Database, before: Account, deducted: number): Promise<void> {
  const { ok, balance, problems } = await verifyLedger(database, before.account_id, { wait: (ms) => wait(ms) });
  const expected = balanceOf(before.lots) - deducted;
  if (!ok) throw new Error(`the ledger is wrong: ${JSON.stringify(problems)}`);
  if (balance !== expected) throw new Error(`${balance} credits are left, there should be ${expected}`);
}
