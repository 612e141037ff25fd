import { chainHash, type Entry, type EntryFacts, type TransactionType } from '../ledger/entry.ts';
import { availableOf, balanceOf, type Lot, type LotMovement, lotIdOf, withDebt } from '../ledger/lot.ts';
import type { Instant } from '../units.ts';
import { type Account, isMonthlyLot } from './account.ts';

/** An account as a decision leaves it, and the entries that lead there from the stored account. */
export interface Draft {
  readonly account: Account;
  readonly entries: readonly Entry[];
}

export function draftOf(account: Account): Draft {
  return { account, entries: [] };
}

/** The draft with changes that move no credits. */
export function withAccount(draft: Draft, changes: Partial<Account>): Draft {
  return { ...draft, account: { ...draft.account, ...changes } };
}

/**
 * Books an entry that takes from existing lots, or gives back to them. An emptied lot leaves,
 * except the running period's lot and a lot that owes.
 */
export function bookMovements(draft: Draft, facts: EntryFacts, movements: readonly LotMovement[]): Draft {
  const moved = new Map(movements.map((movement) => [movement.id, movement.amount]));
  const lots = draft.account.lots
    .map((lot) => ({ ...lot, remaining: lot.remaining + (moved.get(lot.id) ?? 0) }))
    .filter((lot) => lot.remaining > 0 || lot.owed !== undefined || isMonthlyLot(lot));
  return book(draft, facts, movements, lots);
}

/** What opens a new lot. The entry gives the lot's id, and its time unless the lot is older. */
export type NewLot = Omit<Lot, 'id' | 'held' | 'is_closed' | 'created_at'> & Partial<Pick<Lot, 'created_at'>>;

/** Books an entry that opens a lot. */
export function bookNewLot(draft: Draft, facts: EntryFacts, opened: NewLot): Draft {
  const lot = newLot(draft, facts, opened);
  return book(draft, facts, [{ id: lot.id, kind: lot.kind, amount: lot.remaining }], [...draft.account.lots, lot]);
}

/**
 * Books an entry that closes a lot. What remains and is not held expires, or moves into a new lot
 * as far as that goes.
 */
export function bookClosedLot(draft: Draft, facts: EntryFacts, lot: Lot, successor: NewLot | null = null): Draft {
  const closed = { id: lot.id, kind: lot.kind, amount: 0 - availableOf(lot) };
  const lots = withClosed(draft.account.lots, lot);
  if (successor === null) return book(draft, facts, [closed], lots);
  const opened = newLot(draft, facts, successor);
  return book(
    draft,
    facts,
    [closed, { id: opened.id, kind: opened.kind, amount: opened.remaining }],
    [...lots, opened],
  );
}

/** The lots without this one, or with only the part of it that holds have pinned. */
export function withClosed(lots: readonly Lot[], closed: Lot): Lot[] {
  return lots.flatMap((lot) => {
    if (lot.id !== closed.id) return [lot];
    return lot.held === 0 ? [] : [{ ...lot, remaining: lot.held, is_closed: true }];
  });
}

/**
 * Books the loss of credits that came free in closed lots or in lots that owe: one entry for each,
 * named after what freed them.
 */
export function expireFreed(draft: Draft, freed_by: string, at: Instant): Draft {
  return collectOwed(expireEnded(draft, freed_by, at), freed_by, at);
}

function expireEnded(draft: Draft, freed_by: string, at: Instant): Draft {
  const freed = draft.account.lots.filter((lot) => lot.is_closed && availableOf(lot) > 0);
  if (freed.length === 0) return draft;
  const facts = systemFacts(
    draft,
    `expire:${freed_by}`,
    'expire',
    at,
    'the lot had ended before these credits came free',
  );
  return bookMovements(
    draft,
    facts,
    freed.map((lot) => ({ id: lot.id, kind: lot.kind, amount: -availableOf(lot) })),
  );
}

/** Takes what came back to a lot whose money went back after its credits were spent. */
function collectOwed(draft: Draft, freed_by: string, at: Instant): Draft {
  const due = draft.account.lots.flatMap((lot) => {
    const amount = Math.min(lot.owed ?? 0, availableOf(lot));
    return amount === 0 ? [] : [{ lot, amount }];
  });
  if (due.length === 0) return draft;
  const facts = systemFacts(
    draft,
    `clawback:${freed_by}`,
    'clawback',
    at,
    'the money of these credits went back before',
  );
  const lots = draft.account.lots.map((lot) => {
    const amount = due.find((share) => share.lot === lot)?.amount;
    return amount === undefined ? lot : withDebt(lot, (lot.owed ?? 0) - amount);
  });
  return bookMovements(
    withAccount(draft, { lots }),
    facts,
    due.map(({ lot, amount }) => ({ id: lot.id, kind: lot.kind, amount: -amount })),
  );
}

/**
 * The facts of an entry that nobody asked for. It takes effect at `at`, but never before what the
 * account has seen.
 */
export function systemFacts(
  draft: Draft,
  entry_id: string,
  transaction_type: TransactionType,
  at: Instant,
  description: string,
): EntryFacts {
  return {
    entry_id,
    transaction_type,
    description,
    created_at: notBefore(draft.account, at),
    actor: 'system',
    fingerprint: null,
  };
}

/** Books an entry that moves no credits. */
export function bookFact(draft: Draft, facts: EntryFacts): Draft {
  return book(draft, facts, [], draft.account.lots);
}

/** The moment, but not before what the account has seen. */
export function notBefore(account: Account, at: Instant): Instant {
  return Math.max(account.updated_at, at);
}

function newLot(draft: Draft, facts: EntryFacts, opened: NewLot): Lot {
  const id = lotIdOf(draft.account.seq + 1);
  return { ...opened, id, held: 0, is_closed: false, created_at: opened.created_at ?? facts.created_at };
}

function book(draft: Draft, facts: EntryFacts, movements: readonly LotMovement[], lots: readonly Lot[]): Draft {
  const { account } = draft;
  const unsealed = {
    ...facts,
    account_id: account.account_id,
    seq: account.seq + 1,
    amount: movements.reduce((sum, movement) => sum + movement.amount, 0),
    balance_after: balanceOf(lots),
    lots: movements,
  };
  const entry: Entry = { ...unsealed, hash: chainHash(account.head_hash, unsealed) };
  return {
    account: {
      ...account,
      lots,
      seq: entry.seq,
      head_hash: entry.hash,
      // A renewal that is paid late opens a period that began before entries of the same draft. It
      // is booked after them in time as well.
      updated_at: notBefore(account, entry.created_at),
    },
    entries: [...draft.entries, entry],
  };
}
