import type { Account } from '../account/account.ts';
import { freeHold } from '../account/free-hold.ts';
import { endedByAnother } from '../account/hold.ts';
import { evidenceOf } from '../account/rows.ts';
import { refusal } from '../errors.ts';
import type { Decide, Decision } from '../time/decision.ts';

export interface Release {
  readonly hold_id: string;
  readonly actor: string;
  /** The user who releases it; null for a service. */
  readonly user: string | null;
}

/**
 * Frees all that the hold has pinned. An expired hold frees itself by an entry with the same key,
 * so releasing it makes no difference. Refusals: `hold_closed`, `hold_not_found`,
 * `hold_of_another`.
 */
export const decideRelease =
  ({ hold_id, actor, user }: Release): Decide =>
  ({ draft, at }) => {
    const entry_id = `release:${hold_id}`;
    if (draft.entries.some((entry) => entry.entry_id === entry_id)) return { draft };
    const hold = draft.account.holds.find(({ id }) => id === hold_id);
    if (hold === undefined) return refuseClosedHold(draft.account, hold_id);
    const ended_by_another = endedByAnother(hold, user);
    if (ended_by_another !== null) return { refused: ended_by_another };
    const released = freeHold(draft, hold, {
      entry_id,
      transaction_type: 'release',
      description: `released: ${hold.description}`,
      created_at: at,
      actor,
      // All releases of a hold are the same request.
      fingerprint: null,
    });
    return { draft: released };
  };

/** The refusal for a hold that is not open. The ledger tells whether it ever was. */
export function refuseClosedHold(account: Account, hold_id: string): Decision {
  const id = `hold:${hold_id}`;
  const evidence = evidenceOf(account, id);
  if (evidence === undefined) return { asks: { kind: 'entry', id } };
  return { refused: evidence.entry === null ? refusal('hold_not_found', {}) : refusal('hold_closed', { hold_id }) };
}
