import { decideNothing } from '../../shared/domain/time/decision.ts';
import type { Milliseconds } from '../../shared/domain/units.ts';
import { errorFacts, logger } from '../../shared/observability.ts';
import { listDueAccounts } from '../../shared/store/due-accounts.ts';
import type { Deps } from '../composition.ts';
import { inParallel } from '../in-parallel.ts';
import type { SweepMessage } from './sweep-queue.ts';

export interface SweptShard {
  readonly swept: number;
  /** Accounts that could not be brought to now. The log names each. */
  readonly failed: number;
  /** What there was no time for. */
  readonly rest: SweepMessage | null;
}

const page_size = 40;
const concurrency = 8;
/**
 * The most time that a page takes: as long as its accounts, so many at a time, take to give up as
 * busy (5 s).
 */
const page_time: Milliseconds = 30_000;

type SweepDeps = Pick<Deps, 'accounts' | 'clock' | 'database'>;

/**
 * Rolls a shard's due accounts forward, page by page, while there is time for another page. An
 * account that fails does not stop the others. The shard may be swept twice, in parallel or from
 * the middle: each fact has a natural key.
 */
export async function sweepShard(
  deps: SweepDeps,
  { shard, cursor }: SweepMessage,
  remaining: () => Milliseconds,
): Promise<SweptShard> {
  const now = deps.clock();
  let swept = 0;
  let failed = 0;
  let next = cursor;
  do {
    const page = await listDueAccounts(deps.database, { shard, now, limit: page_size, cursor: next ?? undefined });
    await inParallel(page.account_ids, concurrency, async (account_id) => {
      if (await isSwept(deps, account_id)) swept += 1;
      else failed += 1;
    });
    next = page.cursor;
  } while (next !== null && remaining() > page_time);
  return { swept, failed, rest: next === null ? null : { shard, cursor: next } };
}

async function isSwept({ accounts }: SweepDeps, account_id: string): Promise<boolean> {
  try {
    await accounts.transact(account_id, { entry_id: null, fingerprint: null, decide: decideNothing });
    return true;
  } catch (error) {
    logger.error('account not swept', { account_id, ...errorFacts(error) });
    return false;
  }
}
