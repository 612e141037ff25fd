import { type Account, monthlyLot } from '../account/account.ts';
import { bookMovements, type Draft, expireFreed, withAccount } from '../account/draft.ts';
import { monthOf } from '../account/member.ts';
import { evidenceOf, refundedOf, withRefunded } from '../account/rows.ts';
import { refusal } from '../errors.ts';
import type { Entry, EntryFacts } from '../ledger/entry.ts';
import { balanceOf, type Lot, type LotKind, type LotMovement, type LotTerms, openedBy } from '../ledger/lot.ts';
import type { Decide } from '../time/decision.ts';
import { balance_max, type Credits, type Instant } from '../units.ts';
import { chargedTo } from './charge.ts';
import { countUse, spenderOf } from './member-cap.ts';

export interface Refund {
  /** `refund:<idempotency key>`. */
  readonly entry_id: string;
  readonly fingerprint: string;
  /** The charge's entry. */
  readonly refunds: string;
  /** Absent: all that was not given back yet. */
  readonly amount?: Credits | undefined;
  readonly description?: string | undefined;
  readonly actor: string;
}

/**
 * Gives back credits of a charge to the lots that they came from. Afterwards these are as if that
 * much less had been spent. What comes back to a closed lot expires at once. Refusals:
 * `entry_not_found`, `refund_exceeds_charge`, `credits_out_of_range`.
 */
export const decideRefund =
  (refund: Refund): Decide =>
  ({ draft, at }) => {
    const { account } = draft;
    const evidence = evidenceOf(account, refund.refunds);
    if (evidence === undefined) return { asks: { kind: 'entry', id: refund.refunds } };
    const { entry: charge } = evidence;
    if (charge === null) return { refused: refusal('entry_not_found', {}) };
    const earlier = refundedOf(account, charge.entry_id);
    if (earlier === undefined) return { asks: { kind: 'refunded', id: charge.entry_id } };
    const { refunded_credits } = earlier;
    const rest = chargedBy(charge) - refunded_credits;
    const amount = refund.amount ?? rest;
    if (rest === 0 || amount > rest) return { refused: refusal('refund_exceeds_charge', { refundable_credits: rest }) };
    const spender = spenderOf(account, spenderOfThisMonth(charge, at));
    if ('asks' in spender) return spender;

    const facts: EntryFacts = {
      entry_id: refund.entry_id,
      transaction_type: 'refund',
      description: refund.description ?? `refund: ${charge.description}`,
      created_at: at,
      actor: refund.actor,
      fingerprint: refund.fingerprint,
      refunds: charge.entry_id,
      ...chargedTo(charge.feature, spender.member),
    };
    const counted = countUse(account, spender.member, -amount, at);
    const noted = withAccount(
      draft,
      withRefunded(counted, { entry_id: charge.entry_id, refunded_credits: refunded_credits + amount }),
    );
    if (charge.covered_by !== undefined) return { draft: bookUncovered(noted, facts, charge, amount) };
    const room = Math.max(0, balance_max - balanceOf(account.lots));
    if (amount > room) return { refused: refusal('credits_out_of_range', { most: room }) };
    return { draft: bookReturn(noted, facts, lastSpent(charge.lots, refunded_credits, amount), at) };
  };

/** How much the entry charged. Only deductions and settlements charge. */
function chargedBy({ transaction_type, covered_credits, amount }: Entry): Credits {
  return transaction_type === 'usage' ? (covered_credits ?? 0 - amount) : 0;
}

/** Use of an earlier month no longer counts against a cap. */
function spenderOfThisMonth({ member, created_at }: Entry, at: Instant): string | null {
  return member !== undefined && monthOf(created_at) === monthOf(at) ? member : null;
}

/**
 * Books the refund of a charge that an unlimited plan covered. It cost no credits: the counted use
 * goes down, if it still counts. If a change to a limited plan has charged that use to the new lot,
 * the lot gets the credits back.
 */
function bookUncovered(draft: Draft, facts: EntryFacts, charge: Entry, amount: Credits): Draft {
  const { period } = draft.account;
  const counts = charge.seq > period.opened_seq;
  const beyond = counts ? Math.min(amount, period.uncharged_use) : 0;
  const lot = counts ? monthlyLot(draft.account) : undefined;
  const given = lot === undefined ? 0 : Math.min(amount - beyond, lot.amount - lot.remaining);
  const covered = { covered_by: 'unlimited', covered_credits: amount - given } as const;
  const movements = lot === undefined || given === 0 ? [] : [{ id: lot.id, kind: lot.kind, amount: given }];
  return bookMovements(withUseReduced(draft, beyond), { ...facts, ...(given < amount ? covered : {}) }, movements);
}

function withUseReduced(draft: Draft, amount: Credits): Draft {
  const { period } = draft.account;
  return withAccount(draft, { period: { ...period, uncharged_use: period.uncharged_use - amount } });
}

/** A piece of a charge that comes back. */
interface ReturnedPiece {
  readonly id: string;
  readonly kind: LotKind;
  readonly terms: LotTerms;
  readonly amount: Credits;
}

/** The pieces of the charge that come back: the last spent first, after what came back before. */
function lastSpent(charged: readonly LotMovement[], before: Credits, amount: Credits): ReturnedPiece[] {
  const returned: ReturnedPiece[] = [];
  let skipped = before;
  let left = amount;
  for (const { id, kind, terms, amount: moved } of charged.toReversed()) {
    if (terms === undefined) throw new TypeError('a charge names the terms of the lots that it took from');
    const spent = -moved;
    const taken = Math.min(left, Math.max(0, spent - skipped));
    skipped = Math.max(0, skipped - spent);
    left -= taken;
    if (taken > 0) returned.push({ id, kind, terms, amount: taken });
  }
  return returned;
}

/** Books the refund, and what of it expires at once. */
function bookReturn(draft: Draft, facts: EntryFacts, pieces: readonly ReturnedPiece[], at: Instant): Draft {
  let ready = draft;
  const movements = new Map<string, LotMovement>();
  for (const piece of pieces) {
    const { account } = ready;
    const was_replaced = isReplaced(account, piece);
    const successor = was_replaced ? monthlyLot(account) : undefined;
    const beyond = was_replaced ? Math.min(piece.amount, account.period.uncharged_use) : 0;
    const given = successor === undefined ? 0 : Math.min(piece.amount - beyond, usedOf(successor, movements));
    const own = piece.amount - given;
    if (successor !== undefined) add(movements, successor, given);
    add(movements, piece, own);
    if (own > 0) ready = withLotBack(withUseReduced(ready, beyond), piece, at);
  }
  return expireFreed(bookMovements(ready, facts, [...movements.values()]), facts.entry_id, at);
}

/**
 * Whether a plan change has replaced the monthly lot inside the running period. Its use was carried
 * over. So use beyond the new lot no longer counts, and everything else comes back to the new lot.
 */
function isReplaced(account: Account, { id, kind }: ReturnedPiece): boolean {
  return kind === 'monthly' && openedBy(id) > account.period.opened_seq && monthlyLot(account)?.id !== id;
}

/** What is gone from the lot, and does not come back by these movements already. */
function usedOf(lot: Lot, movements: ReadonlyMap<string, LotMovement>): Credits {
  return lot.amount - lot.remaining - (movements.get(lot.id)?.amount ?? 0);
}

function add(movements: Map<string, LotMovement>, { id, kind }: Pick<Lot, 'id' | 'kind'>, amount: Credits): void {
  if (amount > 0) movements.set(id, { id, kind, amount: amount + (movements.get(id)?.amount ?? 0) });
}

/**
 * Brings back a lot that was emptied and has left. If it has ended meanwhile, it comes back closed.
 */
function withLotBack(draft: Draft, { id, kind, terms }: ReturnedPiece, at: Instant): Draft {
  const { lots } = draft.account;
  if (lots.some((lot) => lot.id === id)) return draft;
  const is_closed = kind === 'monthly' || (terms.expires_at !== null && terms.expires_at <= at);
  return withAccount(draft, { lots: [...lots, { id, kind, ...terms, remaining: 0, held: 0, is_closed }] });
}
