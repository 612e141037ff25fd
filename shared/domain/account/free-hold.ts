import type { EntryFacts } from '../ledger/entry.ts';
import { bookFact, type Draft, expireFreed, withAccount } from './draft.ts';
import { type Hold, pinnedBy, unpin } from './hold.ts';

/**
 * Ends the hold without a charge. Its pins come off, and what they kept alive in closed lots
 * expires.
 */
export function freeHold(draft: Draft, hold: Hold, facts: EntryFacts): Draft {
  const released = bookFact(withoutHold(draft, hold), {
    ...facts,
    hold_id: hold.id,
    held_credits: pinnedBy(hold),
  });
  return expireFreed(released, hold.id, facts.created_at);
}

/** The draft without the hold, and with nothing booked yet. */
export function withoutHold(draft: Draft, hold: Hold): Draft {
  const { lots, holds } = draft.account;
  return withAccount(draft, { lots: unpin(lots, hold), holds: holds.filter(({ id }) => id !== hold.id) });
}
