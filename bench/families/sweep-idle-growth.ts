import { compose, type Deps } from '../../functions/composition.ts';
import { type Figure, figure } from '../figure.ts';
import { seedDue, seedIdle } from '../free-accounts.ts';
import { rounds } from '../rounds.ts';
import { withSecondAccountsTable } from '../second-accounts-table.ts';
import { timedSweep } from '../sweep.ts';

const due = 1_000;
const many = 100_000;
const few = 10_000;

/**
 * Sweeps of the same number of due accounts among many and among few, shard by shard in turns:
 * accounts that are not due should cost nothing.
 */
export async function measureSweepIdleGrowth(): Promise<Figure[]> {
  const among_many = compose('accounts', 'ledger');
  const among_few = await withSecondAccountsTable(among_many);
  await seedIdle(among_many, many - due);
  await seedIdle(among_few, few - due);
  const { due_shards } = among_many.config.sweep;

  const ratios = await rounds(async () => {
    await seedDue(among_many, due);
    await seedDue(among_few, due);
    const sums = { many: newSum(among_many), few: newSum(among_few) };
    for (let shard = 0; shard < due_shards; shard += 1) {
      // Who goes first changes from shard to shard.
      const order = shard % 2 === 0 ? [sums.many, sums.few] : [sums.few, sums.many];
      for (const sum of order) await addSweep(sum, shard);
    }
    return timePerAccount(sums.many) / timePerAccount(sums.few);
  });
  return [figure('sweep_idle_growth', ratios, { at_most: 1.1 })];
}

interface Sum {
  readonly deps: Deps;
  swept: number;
  time_ms: number;
}

function newSum(deps: Deps): Sum {
  return { deps, swept: 0, time_ms: 0 };
}

async function addSweep(sum: Sum, shard: number): Promise<void> {
  const { swept, time_ms } = await timedSweep(sum.deps, shard);
  sum.swept += swept;
  sum.time_ms += time_ms;
}

function timePerAccount({ swept, time_ms }: Sum): number {
  if (swept !== due) throw new Error(`${swept} accounts were swept, ${due} were due`);
  return time_ms / swept;
}
