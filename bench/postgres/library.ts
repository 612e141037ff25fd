import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { credits, initCredits } from 'stripe-no-webhooks';
import { host_environment } from '../../local/options.ts';
import { opening_credits, type State, toState } from './ledger.ts';
import type { Postgres } from './server.ts';

/**
 * The credits of the npm package stripe-no-webhooks, with tables, locks and statements of its own.
 */
export interface Library {
  /** So many new accounts. */
  openAccounts(count: number, credits_each?: number): Promise<string[]>;
  /**
   * As its documentation shows: a look at the balance, then the deduction. Throws if there are too
   * few credits.
   */
  deduct(account_id: string, amount: number, idempotency_key?: string): Promise<void>;
  readState(account_id: string): Promise<State>;
}

const key = 'credits';
const description = 'Image generation, 1024×1024';

/**
 * Creates its tables and opens its connections. The library keeps them in a variable of its module,
 * so there is one at a time.
 */
export async function openLibrary(server: Postgres, connections: number): Promise<Library> {
  await createTables(server.url);
  const pool = new Pool({ connectionString: server.url, max: connections, idleTimeoutMillis: 0 });
  // Connections end with the server. One that breaks before fails the query that waits for it.
  pool.on('error', () => undefined);
  initCredits(pool);
  return {
    openAccounts: async (count, credits_each = opening_credits) => {
      const account_ids = Array.from({ length: count }, () => randomUUID());
      await Promise.all(account_ids.map((userId) => credits.grant({ userId, key, amount: credits_each })));
      return account_ids;
    },
    deduct,
    readState: async (account_id) => {
      const { rows } = await pool.query(
        `SELECT balance, (SELECT coalesce(-sum(amount), 0) FROM stripe.credit_ledger AS ledger
                          WHERE ledger.user_id = account.user_id AND ledger.key = account.key
                          AND transaction_type = 'consume') AS deducted
         FROM stripe.credit_balances AS account WHERE user_id = $1 AND key = $2`,
        [account_id, key],
      );
      return toState(rows);
    },
  };
}

async function deduct(userId: string, amount: number, idempotencyKey: string = randomUUID()): Promise<void> {
  if (!(await credits.hasCredits({ userId, key, amount }))) throw new Error('too few credits');
  await credits.consume({ userId, key, amount, description, idempotencyKey });
}

/** By its own command. With the address as an argument it would write a .env file. */
async function createTables(url: string): Promise<void> {
  const package_main = createRequire(import.meta.url).resolve('stripe-no-webhooks');
  const command = join(dirname(package_main), '..', 'bin', 'cli.js');
  await promisify(execFile)(process.execPath, [command, 'migrate'], {
    cwd: tmpdir(),
    env: { ...host_environment, DATABASE_URL: url },
  });
}
