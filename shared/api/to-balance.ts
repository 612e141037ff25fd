import type { Balance } from '../domain/account/balance.ts';
import { burnOrder } from '../domain/ledger/lot.ts';
import { toIso } from '../domain/units.ts';
import type * as z from '../zod.ts';
import type { balance_answer } from './credits-answers.ts';

/** A balance as the API shows it, with its lots in burn order. */
export function toBalance({ reset_at, lots, ...balance }: Balance): z.input<typeof balance_answer> {
  return {
    ...balance,
    reset_date: toIso(reset_at),
    lots: lots.toSorted(burnOrder).map(({ id, kind, amount, remaining, held, priority, expires_at }) => ({
      id,
      kind,
      amount,
      remaining,
      held,
      priority,
      expires_at: expires_at === null ? null : toIso(expires_at),
    })),
  };
}
