import type { Accounts } from '../../shared/store/accounts.ts';
import type { Database } from '../../shared/store/database.ts';
import { newAccounts, test_now } from '../engines/engines.ts';
import { type Fault, faultyDatabase } from './faulty-database.ts';

/**
 * A process whose calls fail as it is said, and whose clock moves by what it waits: no test sleeps.
 */
export function patientAccounts(
  database: Database,
  faultOf: (call: number, name: string) => Fault,
): { accounts: Accounts; calls: readonly string[] } {
  let now = test_now;
  const faulty = faultyDatabase(database, faultOf);
  const wait = async (ms: number) => {
    now += Math.ceil(ms);
  };
  return {
    accounts: newAccounts(faulty, { stopwatch: () => now - test_now, wait, random: () => 0.5 }),
    calls: faulty.calls,
  };
}
