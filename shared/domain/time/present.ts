import type { Account } from '../account/account.ts';
import { type Draft, draftOf, notBefore } from '../account/draft.ts';
import type { Catalog } from '../plan.ts';
import type { Instant } from '../units.ts';
import { rollOn } from './roll-forward.ts';

/** What a decision sees: an account as it is now, and the rules. */
export interface Present {
  /** The account brought to `at`, and the entries of what time has done since it was stored. */
  readonly draft: Draft;
  /** Now, but never before the account's last commit. */
  readonly at: Instant;
  readonly catalog: Catalog;
}

/**
 * The present of a stored account. With `entries_max`, time stops at the step that books that many
 * entries; then the account is not at `at` yet.
 */
export function presentOf(
  account: Account,
  catalog: Catalog,
  now: Instant,
  entries_max = Number.POSITIVE_INFINITY,
): Present {
  const at = notBefore(account, now);
  return { draft: rollOn(draftOf(account), catalog, at, entries_max), at, catalog };
}
