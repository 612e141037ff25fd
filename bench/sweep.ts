import type { Deps } from '../functions/composition.ts';
import { sweepShard } from '../functions/resets/sweep-shard.ts';
import type { Milliseconds } from '../shared/domain/units.ts';

/**
 * Sweeps one shard as the worker does, without a time limit. Answers how many accounts, and how
 * long. Throws if one fails.
 */
export async function timedSweep(deps: Deps, shard: number): Promise<{ swept: number; time_ms: Milliseconds }> {
  const began_at = performance.now();
  const { swept, failed } = await sweepShard(deps, { shard, cursor: null }, () => Number.POSITIVE_INFINITY);
  if (failed > 0) throw new Error(`${failed} accounts could not be swept`);
  return { swept, time_ms: performance.now() - began_at };
}
