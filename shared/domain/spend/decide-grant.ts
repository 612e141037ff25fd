import { bookNewLot } from '../account/draft.ts';
import { refusal } from '../errors.ts';
import { balanceOf } from '../ledger/lot.ts';
import type { Decide } from '../time/decision.ts';
import { balance_max, type Credits, type Instant } from '../units.ts';

export interface Grant {
  /** `grant:<idempotency key>`. */
  readonly entry_id: string;
  readonly fingerprint: string;
  readonly amount: Credits;
  readonly description: string;
  readonly expires_at: Instant | null;
  /** 0–100; lower burns first. */
  readonly priority: number;
  readonly actor: string;
}

/**
 * The most granted lots that an account may have. Every deduction writes the account's item, so it
 * stays small.
 */
export const granted_lots_max = 100;

/** Opens a bonus lot. Refusals: `expiry_in_past`, `credits_out_of_range`, `too_many_lots`. */
export const decideGrant =
  (grant: Grant): Decide =>
  ({ draft, at }) => {
    const { amount, priority, expires_at } = grant;
    const { lots } = draft.account;
    if (expires_at !== null && expires_at <= at) return { refused: refusal('expiry_in_past', {}) };
    const room = Math.max(0, balance_max - balanceOf(lots));
    if (amount > room) return { refused: refusal('credits_out_of_range', { most: room }) };
    const granted = lots.filter(({ kind }) => kind === 'bonus').length;
    if (granted >= granted_lots_max) return { refused: refusal('too_many_lots', { granted_lots_max }) };
    const facts = {
      entry_id: grant.entry_id,
      transaction_type: 'bonus',
      description: grant.description,
      created_at: at,
      actor: grant.actor,
      fingerprint: grant.fingerprint,
    } as const;
    return { draft: bookNewLot(draft, facts, { kind: 'bonus', amount, remaining: amount, priority, expires_at }) };
  };
