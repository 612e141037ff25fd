import { setTimeout as wait } from 'node:timers/promises';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { compose, type Parts } from '../../functions/composition.ts';
import type { Account } from '../../shared/domain/account.ts';
import { tableName } from '../../shared/store/database.ts';
import { listDueAccounts } from '../../shared/store/due-accounts.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { ended, nextMessage, startChild } from '../child.ts';
import { type Figure, figure } from '../figure.ts';
import { seedDue } from '../free-accounts.ts';

const due = 100_000;
/** Every so many-th account's ledger is verified. */
const sample_step = 500;

/**
 * A sweep of 100,000 accounts that are all due: one process is killed in the middle, then two sweep all shards at once. Throws
 * unless every account was reset exactly once and the ledgers of the sample are right.
 */
export async function measureSweepAtScale(): Promise<Figure[]> {
  const parts = compose('accounts', 'ledger');
  const accounts = await seedDue(parts, due);

  const began_at = performance.now();
  const killed = startChild('sweep-process.ts', []);
  await nextMessage(killed, z.int());
  killed.kill('SIGKILL');
  await ended(killed);
  const before_kill = (await countResets(parts)) - due;
  const counted_at = performance.now();
  const sweeps = [startChild('sweep-process.ts', []), startChild('sweep-process.ts', [])];
  await Promise.all(sweeps.map(ended));
  const swept_s = (performance.now() - counted_at) / 1000;
  if (sweeps.some(({ exitCode }) => exitCode !== 0)) throw new Error('a sweep failed');

  await checkSwept(parts, accounts);
  return [
    figure('sweep_at_scale.before_kill', [before_kill]),
    figure('sweep_at_scale.resumed', [due - before_kill]),
    figure('sweep_at_scale.resumed_s', [swept_s]),
    figure('sweep_at_scale.accounts_per_s', [(due - before_kill) / swept_s]),
    figure('sweep_at_scale.total_s', [(performance.now() - began_at) / 1000]),
  ];
}

/** Nothing is due any more; there are two resets per account, its opening and the sweep's; the sample's ledgers are right. */
async function checkSwept(parts: Parts, accounts: readonly Account[]): Promise<void> {
  const { database, clock, config } = parts;
  for (let shard = 0; shard < config.sweep.due_shards; shard += 1) {
    const { account_ids } = await listDueAccounts(database, { shard, now: clock(), limit: 1 });
    if (account_ids.length > 0) throw new Error(`shard ${shard} was not swept to its end`);
  }
  const resets = await countResets(parts);
  if (resets !== 2 * accounts.length) throw new Error(`${resets} resets for ${accounts.length} accounts`);
  for (const { account_id } of accounts.filter((_, nth) => nth % sample_step === 0)) {
    const { ok, entries, problems } = await verifyLedger(database, account_id, { wait: (ms) => wait(ms) });
    // The opening, the allowance that expired, the reset.
    if (!ok || entries !== 3) throw new Error(`${account_id}: ${entries} entries, ${JSON.stringify(problems)}`);
  }
}

/** Of all accounts: the ledger's rows that open a period. */
async function countResets({ database }: Parts): Promise<number> {
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
