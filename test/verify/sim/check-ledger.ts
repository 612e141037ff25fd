import type { Account } from '../../../shared/domain/account/account.ts';
import { chainHash, type Entry, genesis_hash } from '../../../shared/domain/ledger/entry.ts';
import { balanceOf } from '../../../shared/domain/ledger/lot.ts';
import { type Audited, usedBy, Violation } from './audited.ts';

/**
 * I1, I2, I6: the entries of a commit go on from the account before, and end at the account after.
 */
export function checkChain(before: Account | null, entries: readonly Entry[], account: Account): void {
  const { account_id } = account;
  let { seq, hash, balance } = { seq: 0, hash: genesis_hash, balance: 0 };
  if (before !== null)
    ({ seq, hash, balance } = { seq: before.seq, hash: before.head_hash, balance: balanceOf(before.lots) });
  if (account.version !== (before?.version ?? 0) + 1) {
    throw new Violation('I1', `${account_id} goes from version ${before?.version} to ${account.version}`);
  }
  for (const { hash: own, ...entry } of entries) {
    seq += 1;
    balance += entry.amount;
    if (entry.seq !== seq) throw new Violation('I1', `${entry.entry_id} has seq ${entry.seq}, not ${seq}`);
    if (entry.balance_after !== balance) {
      throw new Violation('I1', `after ${entry.entry_id} there are ${entry.balance_after}, not ${balance}`);
    }
    if (balance < 0) throw new Violation('I2', `${balance} after ${entry.entry_id}`);
    hash = chainHash(hash, entry);
    if (own !== hash) throw new Violation('I6', `the hash of ${entry.entry_id} is not the chain's`);
  }
  if (balanceOf(account.lots) !== balance) {
    throw new Violation('I1', `${account_id} has ${balanceOf(account.lots)}, its entries make ${balance}`);
  }
  if (account.seq !== seq || account.head_hash !== hash) {
    throw new Violation('I1', `${account_id} ends at ${account.seq}, its ledger at ${seq}`);
  }
}

/** I1, I2: what lots say of themselves and of the holds on them. */
export function checkLots({ lots, holds, updated_at }: Account): void {
  for (const { id, kind, remaining, held, amount, is_closed, expires_at } of lots) {
    const pinned = holds.flatMap(({ pins }) => pins).filter(({ lot_id }) => lot_id === id);
    const sum = pinned.reduce((total, { amount }) => total + amount, 0);
    if (held !== sum) throw new Violation('I1', `${id} says ${held} held, its holds pin ${sum}`);
    if (held < 0 || held > remaining || remaining > amount) {
      throw new Violation('I2', `${id} has ${remaining} of ${amount}, ${held} held`);
    }
    if (kind !== 'monthly' && !is_closed && expires_at !== null && expires_at < updated_at) {
      throw new Violation('I7', `${id}, a lot of kind ${kind}, has outlived its end`);
    }
  }
  const monthly = lots.filter(({ kind, is_closed }) => kind === 'monthly' && !is_closed);
  if (monthly.length > 1) throw new Violation('I1', `${monthly.length} monthly lots are open`);
}

/** I1: all refunds of a charge together are no more than it. */
export function checkRefund({ entries, refunded }: Audited, entry: Entry, charge_id: string): void {
  const total = usedBy(entry) + (refunded.get(charge_id) ?? 0);
  const charge = entries.get(charge_id);
  if (charge === undefined || total > usedBy(charge)) {
    throw new Violation('I1', `${entry.entry_id} gives back ${total} of ${charge === undefined ? 0 : usedBy(charge)}`);
  }
  refunded.set(charge_id, total);
}
