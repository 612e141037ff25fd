import { type Deduct, decideDeduct } from '../../shared/domain/spend/decide-deduct.ts';
import type { Command } from '../../shared/store/accounts.ts';

/** The command of one deduction, alone or in a batch: the same key is the same deduction. */
export function deductCommand(idempotency_key: string, spend: Omit<Deduct, 'entry_id'>): Command {
  const deduct = { ...spend, entry_id: `use:${idempotency_key}` };
  return {
    entry_id: deduct.entry_id,
    fingerprint: deduct.fingerprint,
    decide: decideDeduct(deduct),
  };
}
