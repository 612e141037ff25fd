import type { Scheduler } from 'fast-check';
import type { Instant } from '../../shared/domain/units.ts';
import type { Accounts } from '../../shared/store/accounts.ts';
import type { Database } from '../../shared/store/database.ts';
import { newAccounts } from '../engines/engines.ts';
import { faultyDatabase } from './faulty-database.ts';

/**
 * A process whose every call is sent, and answered, when the scheduler says so; and so does its
 * waiting end.
 */
export function scheduledAccounts(scheduler: Scheduler, database: Database, clock: () => Instant): Accounts {
  const turn = () => scheduler.schedule(Promise.resolve());
  const scheduled = faultyDatabase(database, () => null, turn);
  return newAccounts(scheduled, { clock, wait: turn, stopwatch: () => 0 });
}
