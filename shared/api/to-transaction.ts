import type { Entry } from '../domain/ledger/entry.ts';
import { toIso } from '../domain/units.ts';
import type * as z from '../zod.ts';
import type { transaction_answer } from './credits-answers.ts';

export type Transaction = z.input<typeof transaction_answer>;

/**
 * An entry as the API shows it. It is made of the stored entry alone and its fields have a fixed
 * order, so the same entry always gives the same bytes.
 */
export function toTransaction(entry: Entry): Transaction {
  return {
    entry_id: entry.entry_id,
    account_id: entry.account_id,
    seq: entry.seq,
    transaction_type: entry.transaction_type,
    amount: entry.amount,
    balance_after: entry.balance_after,
    description: entry.description,
    feature: entry.feature,
    covered_by: entry.covered_by,
    covered_credits: entry.covered_credits,
    skipped_periods: entry.skipped_periods,
    hold_id: entry.hold_id,
    held_credits: entry.held_credits,
    hold_expires_at: entry.hold_expires_at === undefined ? undefined : toIso(entry.hold_expires_at),
    refunds: entry.refunds,
    shortfall_credits: entry.shortfall_credits,
    lots: entry.lots.map(({ id, kind, amount }) => ({ id, kind, amount })),
    created_at: toIso(entry.created_at),
    actor: entry.actor,
  };
}
