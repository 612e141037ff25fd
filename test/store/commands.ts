import { decideDeduct } from '../../shared/domain/decide-deduct.ts';
import type { Command } from '../../shared/store/accounts.ts';
import { catalog } from '../engines/engines.ts';

/** A deduction as the deduct route makes it. */
export function deductCommand(key: string, amount: number, feature?: string): Command {
  const entry_id = `use:${key}`;
  const fingerprint = `${amount}`;
  const deduct = {
    entry_id,
    fingerprint,
    amount,
    description: 'test',
    actor: 'tester',
    ...(feature === undefined ? {} : { feature }),
  };
  return { entry_id, fingerprint, decide: (account, now) => decideDeduct(account, deduct, catalog, now) };
}
