import { availableCredits, isUnlimited } from '../account/account.ts';
import { bookFact, withAccount } from '../account/draft.ts';
import { type Hold, holds_max, pin } from '../account/hold.ts';
import { refusal } from '../errors.ts';
import { sharesOf } from '../ledger/lot.ts';
import type { Decide } from '../time/decision.ts';
import type { Credits } from '../units.ts';
import { chargedTo } from './charge.ts';
import { unaffordable } from './decide-deduct.ts';
import { overCap, spenderOf } from './member-cap.ts';

export interface OpenHold {
  readonly hold_id: string;
  readonly fingerprint: string;
  readonly amount: Credits;
  readonly description: string;
  readonly feature?: string | undefined;
  readonly expires_in_s: number;
  readonly actor: string;
  /** The user who opens it; null for a service. */
  readonly user: string | null;
  /** The person who will spend; absent for a service. */
  readonly member?: string | undefined;
}

/**
 * Pins the amount in burn order, all or nothing. Refusals: `too_many_holds`, `member_cap_exceeded`,
 * `insufficient_credits`. An unlimited plan pins nothing; what the settlement costs is decided
 * then.
 */
export const decideHold =
  (open: OpenHold): Decide =>
  ({ draft, at, catalog }) => {
    const { hold_id, amount, feature, description } = open;
    const { account } = draft;
    const { lots, holds } = account;
    const spender = spenderOf(account, open.member ?? null);
    if ('asks' in spender) return spender;
    if (holds.length >= holds_max) return { refused: refusal('too_many_holds', { holds_max }) };
    const refused =
      overCap(account, spender.member, amount, at) ??
      unaffordable(account, amount, availableCredits(account, catalog, at));
    if (refused !== null) return { refused };

    const shares = isUnlimited(account, catalog, at) ? [] : sharesOf(lots, amount);
    const hold: Hold = {
      id: hold_id,
      amount,
      pins: shares.map((share) => ({ lot_id: share.lot.id, amount: share.amount })),
      description,
      feature: feature ?? null,
      member: open.member ?? null,
      opened_by: open.user,
      created_at: at,
      expires_at: at + open.expires_in_s * 1_000,
    };
    const held = withAccount(draft, { lots: pin(lots, shares), holds: [...holds, hold] });
    const opened = bookFact(held, {
      entry_id: `hold:${hold_id}`,
      transaction_type: 'hold',
      description,
      created_at: at,
      actor: open.actor,
      fingerprint: open.fingerprint,
      ...chargedTo(feature, null),
      hold_id,
      held_credits: amount,
      hold_expires_at: hold.expires_at,
    });
    return { draft: opened };
  };
