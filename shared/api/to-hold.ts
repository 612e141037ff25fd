import type { Hold } from '../domain/account/hold.ts';
import type { Entry } from '../domain/ledger/entry.ts';
import { toIso } from '../domain/units.ts';
import type * as z from '../zod.ts';
import type { hold_answer, holds_answer } from './credits-answers.ts';

/**
 * The answer to the opening of a hold. It is made of the stored entry alone, so it stays the same,
 * whatever became of the hold.
 */
export function toOpenedHold({ hold_id, held_credits, hold_expires_at }: Entry): z.input<typeof hold_answer> {
  if (hold_id === undefined || held_credits === undefined || hold_expires_at === undefined) {
    throw new TypeError('the entry of a hold says what it holds, and until when');
  }
  return { hold_id, amount: held_credits, expires_at: toIso(hold_expires_at), status: 'open' };
}

/** An open hold as the API lists it. */
export function toHold(hold: Hold): z.input<typeof holds_answer>['data'][number] {
  return {
    hold_id: hold.id,
    amount: hold.amount,
    expires_at: toIso(hold.expires_at),
    status: 'open',
    description: hold.description,
    feature: hold.feature ?? undefined,
    created_at: toIso(hold.created_at),
  };
}
