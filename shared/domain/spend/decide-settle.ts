import { type Account, isUnlimited } from '../account/account.ts';
import { bookMovements, type Draft, expireFreed, withAccount } from '../account/draft.ts';
import { withoutHold } from '../account/free-hold.ts';
import { endedByAnother, type Hold, pinnedBy } from '../account/hold.ts';
import type { Member } from '../account/member.ts';
import { type DomainError, refusal } from '../errors.ts';
import type { EntryFacts } from '../ledger/entry.ts';
import { availableIn, charge, type Lot, type Share, sharesOf } from '../ledger/lot.ts';
import type { Decide } from '../time/decision.ts';
import type { Credits, Instant } from '../units.ts';
import { bookCovered, chargedTo, mostCovered, useOf } from './charge.ts';
import { refuseClosedHold } from './decide-release.ts';
import { countUse, leftOfCap, overCap, spenderOf } from './member-cap.ts';

export interface Settle {
  readonly hold_id: string;
  readonly fingerprint: string;
  /** What was used. */
  readonly amount: Credits;
  /**
   * If the amount is more than can be charged: refuse and keep the hold, or charge what there is.
   */
  readonly if_insufficient: 'reject' | 'charge_available';
  readonly actor: string;
  /** The user who settles it; null for a service. */
  readonly user: string | null;
}

/**
 * Charges what was used, and ends the hold. The hold's pinned credits pay first; available credits
 * pay the rest. Refusals: `hold_closed`, `hold_not_found`, `hold_of_another`; with `reject` also
 * `member_cap_exceeded`, `insufficient_credits`, `credits_out_of_range`, and then the hold stays.
 */
export const decideSettle =
  (settle: Settle): Decide =>
  ({ draft, at, catalog }) => {
    const { account } = draft;
    const hold = account.holds.find(({ id }) => id === settle.hold_id);
    if (hold === undefined) return refuseClosedHold(account, settle.hold_id);
    const ended_by_another = endedByAnother(hold, settle.user);
    if (ended_by_another !== null) return { refused: ended_by_another };
    const spender = spenderOf(account, hold.member);
    if ('asks' in spender) return spender;
    const { member } = spender;
    const unlimited = isUnlimited(account, catalog, at);
    const limit = limitOf(account, hold, member, unlimited, at);
    if (settle.amount > limit && settle.if_insufficient === 'reject') {
      return { refused: refusalOf(account, hold, member, unlimited, settle.amount, at) };
    }

    const charged = Math.min(settle.amount, limit);
    const facts: EntryFacts = {
      entry_id: `settle:${hold.id}`,
      transaction_type: 'usage',
      description: hold.description,
      created_at: at,
      actor: settle.actor,
      fingerprint: settle.fingerprint,
      hold_id: hold.id,
      ...chargedTo(hold.feature, member),
      ...(charged < settle.amount ? { shortfall_credits: settle.amount - charged } : {}),
    };
    const shares = unlimited ? [] : settledShares(account.lots, hold, charged);
    const freed = withoutHold(draft, hold);
    const counted = withAccount(freed, countUse(freed.account, member, charged, at));
    const booked: Draft = unlimited
      ? bookCovered(counted, facts, charged)
      : bookMovements(counted, facts, shares.map(charge));
    return {
      draft: expireFreed(booked, hold.id, at),
      ...(charged === 0 ? undefined : useOf(hold.feature, charged, at)),
    };
  };

/**
 * The most that can be charged. What the hold was granted is never refused; more goes only as far
 * as credits and the member's cap.
 */
function limitOf(account: Account, hold: Hold, member: Member | null, unlimited: boolean, at: Instant): Credits {
  const credits = unlimited ? mostCovered(account) : pinnedBy(hold) + availableIn(account.lots);
  return Math.min(credits, hold.amount + leftOfCap(account, member, at));
}

function refusalOf(
  account: Account,
  hold: Hold,
  member: Member | null,
  unlimited: boolean,
  amount: Credits,
  at: Instant,
): DomainError {
  const over = overCap(account, member, amount - hold.amount, at);
  if (over !== null && amount > hold.amount) return over;
  if (unlimited) return refusal('credits_out_of_range', { most: mostCovered(account) });
  return refusal('insufficient_credits', {
    required: amount - pinnedBy(hold),
    available_credits: availableIn(account.lots),
  });
}

/**
 * What pays a settlement: the pins, those that would be lost first, and then available
 * credits in burn order.
 */
function settledShares(lots: readonly Lot[], hold: Hold, charged: Credits): Share[] {
  const pinned = hold.pins.flatMap(({ lot_id, amount }) => {
    const lot = lots.find(({ id }) => id === lot_id);
    return lot === undefined ? [] : [{ lot, amount }];
  });
  const paid = new Map<string, Share>();
  let left = charged;
  for (const { lot, amount } of pinned.toSorted((a, b) => Number(b.lot.is_closed) - Number(a.lot.is_closed))) {
    const taken = Math.min(left, amount);
    if (taken > 0) paid.set(lot.id, { lot, amount: taken });
    left -= taken;
  }
  for (const { lot, amount } of sharesOf(lots, left)) {
    paid.set(lot.id, { lot, amount: amount + (paid.get(lot.id)?.amount ?? 0) });
  }
  return [...paid.values()];
}
