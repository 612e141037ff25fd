import { randomUUID } from 'node:crypto';
import type { Deps } from '../functions/composition.ts';
import { type Account, newAccount } from '../shared/domain/account/account.ts';
import { rollForward } from '../shared/domain/time/roll-forward.ts';
import { day_ms, type Instant } from '../shared/domain/units.ts';
import { toAccountItem } from '../shared/store/account-item.ts';
import { toEntryItem } from '../shared/store/entry-item.ts';
import { writeRows } from './write-rows.ts';

/** More than a month and less than two, so one period has ended since. */
const due_after_ms = 40 * day_ms;
/** Rows that are made before they are written. */
const chunk = 5_000;

/**
 * Free accounts whose first period has ended: a sweep closes the allowance and opens the next
 * period.
 */
export function seedDue(deps: Deps, count: number): Promise<Account[]> {
  return seed(deps, count, deps.clock() - due_after_ms);
}

/** Free accounts that are not due for a month. */
export async function seedIdle(deps: Deps, count: number): Promise<void> {
  await seed(deps, count, deps.clock());
}

/** Accounts with their opening entries, as the store would have left them. */
async function seed({ database, catalog, config }: Deps, count: number, born_at: Instant): Promise<Account[]> {
  const seeded: Account[] = [];
  while (seeded.length < count) {
    const drafts = Array.from({ length: Math.min(chunk, count - seeded.length) }, () =>
      rollForward(newAccount(randomUUID(), catalog, born_at), catalog, born_at),
    );
    const accounts = drafts.map(({ account }) => ({ ...account, version: 1 }));
    const items = accounts.map((account) => toAccountItem(account, catalog, config.sweep.due_shards));
    await writeRows(database, 'accounts', items);
    await writeRows(
      database,
      'ledger',
      drafts.flatMap(({ entries }) => entries.map(toEntryItem)),
    );
    seeded.push(...accounts);
  }
  return seeded;
}
