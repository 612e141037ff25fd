import type { Accounts, AccountsOptions } from '../../shared/store/accounts.ts';
import type { Database } from '../../shared/store/database.ts';
import { newAccounts } from '../engines/engines.ts';

/** So many processes, each with queues of its own, which take requests in turns. */
export function newProcesses(database: Database, count: number, options: Partial<AccountsOptions> = {}) {
  const each = Array.from({ length: count }, () => newAccounts(database, { deadline_ms: 60_000, ...options }));
  return (request: number): Accounts => {
    const accounts = each[request % count];
    if (accounts === undefined) throw new Error('there is no process');
    return accounts;
  };
}

/**
 * What came of several requests: the values of those that succeeded, and why the others did not.
 */
export function answersOf<T>(settled: readonly PromiseSettledResult<T>[]): { values: T[]; reasons: unknown[] } {
  return {
    values: settled.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])),
    reasons: settled.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : [])),
  };
}
