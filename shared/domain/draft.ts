import type { Account } from './account.ts';
import { chainHash, type Entry, type EntryFacts } from './entry.ts';
import { balanceOf, type Lot, type LotMovement } from './lot.ts';
import type { Instant } from './units.ts';

/** An account as a decision leaves it, and the entries that explain how it came there from what is stored. */
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

/** Books an entry that takes from, or gives back to, lots that exist. An emptied lot leaves, except the running period's. */
export function bookMovements(draft: Draft, facts: EntryFacts, movements: readonly LotMovement[]): Draft {
  const moved = new Map(movements.map((movement) => [movement.id, movement.amount]));
  const lots = draft.account.lots
    .map((lot) => ({ ...lot, remaining: lot.remaining + (moved.get(lot.id) ?? 0) }))
    .filter((lot) => lot.remaining > 0 || lot.kind === 'monthly');
  return book(draft, facts, movements, lots);
}

/** What a new lot is opened with; its id and time come from the entry. */
export type NewLot = Omit<Lot, 'id' | 'held' | 'created_at'>;

/** Books an entry that opens a lot. */
export function bookNewLot(draft: Draft, facts: EntryFacts, opened: NewLot): Draft {
  const id = `lot_${draft.account.seq + 1}`;
  const lot: Lot = { ...opened, id, held: 0, created_at: facts.created_at };
  return book(draft, facts, [{ id, kind: lot.kind, amount: lot.remaining }], [...draft.account.lots, lot]);
}

/** Books an entry that closes a lot: what remains in it is gone. */
export function bookClosedLot(draft: Draft, facts: EntryFacts, lot: Lot): Draft {
  const others = draft.account.lots.filter((other) => other.id !== lot.id);
  return book(draft, facts, [{ id: lot.id, kind: lot.kind, amount: 0 - lot.remaining }], others);
}

/** Books an entry that moves no credits. */
export function bookFact(draft: Draft, facts: EntryFacts): Draft {
  return book(draft, facts, [], draft.account.lots);
}

/** A draft's account takes no part in time before what it has already seen. */
export function notBefore(account: Account, at: Instant): Instant {
  return Math.max(account.updated_at, at);
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
      // A renewal paid late opens a period that began before entries of the same draft: it is booked after them in time as well.
      updated_at: notBefore(account, entry.created_at),
    },
    entries: [...draft.entries, entry],
  };
}
