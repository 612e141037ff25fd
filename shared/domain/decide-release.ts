import type { Account } from './account.ts';
import type { Decision } from './decision.ts';
import { notBefore } from './draft.ts';
import { HoldClosed, HoldNotFound } from './errors.ts';
import { freeHold } from './free-hold.ts';
import { endedByAnother } from './hold.ts';
import { evidenceOf } from './parts.ts';
import type { Catalog } from './plan.ts';
import { rollForward } from './roll-forward.ts';
import type { Instant } from './units.ts';

export interface Release {
  readonly hold_id: string;
  readonly actor: string;
  /** The user who releases it; null for a service. */
  readonly user: string | null;
}

/**
 * Frees all that the hold has pinned. One that has expired frees itself by an entry of the same key: releasing it is no different.
 * Refusals: `HoldClosed`, `HoldNotFound`, `HoldOfAnother`.
 */
export function decideRelease(
  account: Account,
  { hold_id, actor, user }: Release,
  catalog: Catalog,
  now: Instant,
): Decision {
  const rolled = rollForward(account, catalog, now);
  const entry_id = `release:${hold_id}`;
  if (rolled.entries.some((entry) => entry.entry_id === entry_id)) return { draft: rolled };
  const hold = rolled.account.holds.find(({ id }) => id === hold_id);
  if (hold === undefined) return refuseClosedHold(rolled.account, hold_id);
  const ended_by_another = endedByAnother(hold, user);
  if (ended_by_another !== null) return { rejected: ended_by_another };
  const draft = freeHold(rolled, hold, {
    entry_id,
    transaction_type: 'release',
    description: `released: ${hold.description}`,
    created_at: notBefore(account, now),
    actor,
    // Any two releases of a hold ask for the same.
    fingerprint: null,
  });
  return { draft };
}

/** A hold that is not open: the ledger tells whether it ever was. */
export function refuseClosedHold(account: Account, hold_id: string): Decision {
  const id = `hold:${hold_id}`;
  const evidence = evidenceOf(account, id);
  if (evidence === undefined) return { missing: { kind: 'entry', id } };
  return { rejected: evidence.entry === null ? new HoldNotFound() : new HoldClosed(hold_id) };
}
