import { setTimeout as wait } from 'node:timers/promises';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { compose, type Deps } from '../../functions/composition.ts';
import type { Account } from '../../shared/domain/account/account.ts';
import { tableName } from '../../shared/store/database.ts';
import { listDueAccounts } from '../../shared/store/due-accounts.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { ended, nextMessage, startChild } from '../child.ts';
import { type Figure, figure } from '../figure.ts';
import { seedDue, seedIdle } from '../free-accounts.ts';

/** Accounts of the first sweep. The second sweep finds them beside its own; none of them is due. */
const known_accounts = 100_000;
const few_due = 1_000;
const many_due = 100_000;
/** How many of the ledgers are verified. */
const sample = 200;

/**
 * Two sweeps: of 1,000 due accounts among 100,000, and of 100,000. In each, one process is killed
 * in the middle, then two sweep all shards at once. Throws unless every account was reset exactly
 * once and the ledgers of a sample are right.
 */
export async function measureSweepAtScale(): Promise<Figure[]> {
  const deps = compose('accounts', 'ledger');
  await seedIdle(deps, known_accounts - few_due);
  return [
    ...(await sweepKilledAndResumed(deps, few_due, 'sweep_1k_among_100k')),
    ...(await sweepKilledAndResumed(deps, many_due, 'sweep_100k')),
  ];
}

async function sweepKilledAndResumed(deps: Deps, due: number, name: string): Promise<Figure[]> {
  const accounts = await seedDue(deps, due);
  const resets_before = await countResets(deps);

  const killed = startChild('sweep-process.ts', []);
  await nextMessage(killed, z.int());
  killed.kill('SIGKILL');
  await ended(killed);
  const before_kill = (await countResets(deps)) - resets_before;
  if (before_kill === 0 || before_kill >= due) throw new Error(`${before_kill} of ${due} were swept before the kill`);
  const began_at = performance.now();
  const sweeps = [startChild('sweep-process.ts', []), startChild('sweep-process.ts', [])];
  await Promise.all(sweeps.map(ended));
  const swept_s = (performance.now() - began_at) / 1000;
  if (sweeps.some(({ exitCode }) => exitCode !== 0)) throw new Error('a sweep failed');

  const resets = (await countResets(deps)) - resets_before;
  if (resets !== due) throw new Error(`${resets} resets for ${due} accounts`);
  await checkSwept(deps, accounts);
  return [
    figure(`${name}.before_kill`, [before_kill]),
    figure(`${name}.resumed`, [due - before_kill]),
    figure(`${name}.resumed_s`, [swept_s]),
    figure(`${name}.accounts_per_s`, [(due - before_kill) / swept_s]),
  ];
}

/** Nothing is due any more, and the sample's ledgers are right. */
async function checkSwept({ database, clock, config }: Deps, accounts: readonly Account[]): Promise<void> {
  for (let shard = 0; shard < config.sweep.due_shards; shard += 1) {
    const { account_ids } = await listDueAccounts(database, { shard, now: clock(), limit: 1 });
    if (account_ids.length > 0) throw new Error(`shard ${shard} was not swept to its end`);
  }
  const step = accounts.length / sample;
  for (const { account_id } of accounts.filter((_, nth) => nth % step === 0)) {
    const { ok, entries, problems } = await verifyLedger(database, account_id, { wait: (ms) => wait(ms) });
    // The opening, the allowance that expired, the reset.
    if (!ok || entries !== 3) throw new Error(`${account_id}: ${entries} entries, ${JSON.stringify(problems)}`);
  }
}

/** The number of entries that open a period, of all accounts. */
async function countResets({ database }: Deps): Promise<number> {
  let count = 0;
  let from: Record<string, unknown> | undefined;
  do {
    const page = await database.client.send(
      new ScanCommand({
        TableName: tableName(database, 'ledger'),
        Select: 'COUNT',
        FilterExpression: 'begins_with(entry_id, :reset)',
        ExpressionAttributeValues: { ':reset': 'reset:' },
        ExclusiveStartKey: from,
      }),
    );
    count += page.Count ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return count;
}
