import { GetCommand, TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { compose, type Deps } from '../../functions/composition.ts';
import type { Account } from '../../shared/domain/account/account.ts';
import { rollForward } from '../../shared/domain/time/roll-forward.ts';
import { toAccountItem } from '../../shared/store/account-item.ts';
import { tableName } from '../../shared/store/database.ts';
import { toEntryItem } from '../../shared/store/entry-item.ts';
import { type Figure, figure } from '../figure.ts';
import { seedDue } from '../free-accounts.ts';
import { rounds } from '../rounds.ts';
import { withSecondAccountsTable } from '../second-accounts-table.ts';
import { timedSweep } from '../sweep.ts';

const due = 1_000;
/** As many as the worker takes at once: functions/resets/sweep-shard.ts. */
const concurrency = 8;

/**
 * Time per account that the worker sweeps, against its transaction alone, and against the read and
 * the transaction, as many at once.
 */
export async function measureSweepPerAccount(): Promise<Figure[]> {
  const swept_deps = compose('accounts', 'ledger');
  const bare_deps = await withSecondAccountsTable(swept_deps);
  const { due_shards } = swept_deps.config.sweep;

  const results = await rounds(async () => {
    await seedDue(swept_deps, due);
    const bare = bareResets(bare_deps, await seedDue(bare_deps, due));
    const bare_with_read = bareResets(bare_deps, await seedDue(bare_deps, due));
    const sums = { swept: 0, bare: 0, bare_with_read: 0 };
    for (let shard = 0; shard < due_shards; shard += 1) {
      const share = <T>(items: readonly T[]) => items.filter((_, nth) => nth % due_shards === shard);
      sums.bare += await timeOfAll(share(bare), ({ write }) => write());
      sums.swept += (await timedSweep(swept_deps, shard)).time_ms;
      sums.bare_with_read += await timeOfAll(share(bare_with_read), async ({ read, write }) => {
        await read();
        await write();
      });
    }
    return { per_account: sums.swept / sums.bare, with_read: sums.swept / sums.bare_with_read };
  });
  return [
    figure(
      'sweep_per_account',
      results.map(({ per_account }) => per_account),
      { at_most: 1.3 },
    ),
    figure(
      'sweep_per_account.with_read',
      results.map(({ with_read }) => with_read),
    ),
  ];
}

/** A reset by the SDK alone, with its items and conditions, decided beforehand. */
interface BareReset {
  readonly read: () => Promise<unknown>;
  readonly write: () => Promise<unknown>;
}

function bareResets({ database, catalog, config, clock }: Deps, accounts: readonly Account[]): BareReset[] {
  const accounts_table = tableName(database, 'accounts');
  return accounts.map((stored) => {
    const { account, entries } = rollForward(stored, catalog, clock());
    const written = { ...account, version: stored.version + 1 };
    const TransactItems: TransactWriteCommandInput['TransactItems'] = [
      {
        Put: {
          TableName: accounts_table,
          Item: toAccountItem(written, catalog, config.sweep.due_shards),
          ConditionExpression: 'version = :decided_on',
          ExpressionAttributeValues: { ':decided_on': stored.version },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      ...entries.map((entry) => ({
        Put: {
          TableName: tableName(database, 'ledger'),
          Item: toEntryItem(entry),
          ConditionExpression: 'attribute_not_exists(entry_id)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
        },
      })),
    ];
    const Key = { account_id: stored.account_id };
    return {
      read: () => database.client.send(new GetCommand({ TableName: accounts_table, Key, ConsistentRead: true })),
      write: () => database.client.send(new TransactWriteCommand({ TransactItems })),
    };
  });
}

async function timeOfAll<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<number> {
  const began_at = performance.now();
  const left = items.values();
  const run = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: concurrency }, run));
  return performance.now() - began_at;
}
