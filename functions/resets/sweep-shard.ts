import { decideNothing } from '../../shared/domain/decision.ts';
import type { Milliseconds } from '../../shared/domain/units.ts';
import { errorFacts, logger } from '../../shared/observability.ts';
import { listDueAccounts } from '../../shared/store/due-accounts.ts';
import type { Parts } from '../composition.ts';
import type { SweepMessage } from './sweep-queue.ts';

export interface SweptShard {
  readonly swept: number;
  /** Accounts that could not be brought to now; each is in the log. */
  readonly failed: number;
  /** What the time did not suffice for. */
  readonly rest: SweepMessage | null;
}

const page_size = 40;
const concurrency = 8;
/** A page takes at most as long as its accounts take to give up as busy (5 s), so many at a time. */
const page_time: Milliseconds = 30_000;

type SweepParts = Pick<Parts, 'accounts' | 'clock' | 'database'>;

/**
 * Rolls the due accounts of a shard forward, page by page, as long as there is time for another page. One that fails does not stop
 * the others. Twice, in parallel or from the middle gives the same: what a period brings has a natural key.
 */
export async function sweepShard(
  parts: SweepParts,
  { shard, cursor }: SweepMessage,
  remaining: () => Milliseconds,
): Promise<SweptShard> {
  const now = parts.clock();
  let swept = 0;
  let failed = 0;
  let next = cursor;
  do {
    const page = await listDueAccounts(parts.database, { shard, now, limit: page_size, cursor: next ?? undefined });
    await inParallel(page.account_ids, async (account_id) => {
      if (await isSwept(parts, account_id)) swept += 1;
      else failed += 1;
    });
    next = page.cursor;
  } while (next !== null && remaining() > page_time);
  return { swept, failed, rest: next === null ? null : { shard, cursor: next } };
}

async function isSwept({ accounts }: SweepParts, account_id: string): Promise<boolean> {
  try {
    await accounts.transact(account_id, { entry_id: null, fingerprint: null, decide: decideNothing });
    return true;
  } catch (error) {
    logger.error('account not swept', { account_id, ...errorFacts(error) });
    return false;
  }
}

/** Some at a time: each runner takes the next item from the one iterator that they share. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  const run = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, run));
}
