import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import * as z from 'zod';

/** The opening balance of every account: more than any run can spend. */
export const opening_credits = 1_000_000_000;

/**
 * As lean as such a ledger can be: no foreign key, no check. The second index is for an account's
 * history.
 */
const schema = `
  CREATE TABLE accounts (account_id uuid PRIMARY KEY, balance bigint NOT NULL);
  CREATE TABLE ledger (
    entry_id uuid PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    account_id uuid NOT NULL,
    amount bigint NOT NULL,
    balance_after bigint NOT NULL,
    description text NOT NULL,
    actor uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX ledger_by_seq ON ledger (account_id, seq);`;

export async function createTables(client: Client): Promise<void> {
  await client.query(schema);
}

/** So many new accounts. */
export async function openAccounts(client: Client, count: number): Promise<string[]> {
  const account_ids = Array.from({ length: count }, () => randomUUID());
  await client.query('INSERT INTO accounts SELECT unnest($1::uuid[]), $2', [account_ids, opening_credits]);
  return account_ids;
}

/** An account's balance, and the deductions in its ledger. */
export interface State {
  readonly balance: number;
  readonly deducted: number;
}

const states_schema = z.tuple([z.object({ balance: z.coerce.number(), deducted: z.coerce.number() })]);

export async function readState(client: Client, account_id: string): Promise<State> {
  const { rows } = await client.query(
    `SELECT balance, (SELECT coalesce(-sum(amount), 0) FROM ledger WHERE ledger.account_id = accounts.account_id) AS deducted
     FROM accounts WHERE account_id = $1`,
    [account_id],
  );
  return toState(rows);
}

/** The state in the only row. Throws unless there is exactly one. */
export function toState(rows: unknown): State {
  return states_schema.parse(rows)[0];
}

/** Credits that the ledger says were handed out, but that never left the balance. */
export function lostCredits({ balance, deducted }: State): number {
  return deducted - (opening_credits - balance);
}
