import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import * as z from 'zod';

/** A deduction on a connection of its own. Throws when there are too few credits. */
export type Deduct = (client: Client, account_id: string, amount: number) => Promise<void>;

/** The classic ways. Each statement is prepared once per connection. */
export const ways = {
  /**
   * Read, check, set and insert in a transaction of READ COMMITTED, PostgreSQL's default: two that
   * read the same balance both set it.
   */
  naive: readCheckUpdate({ name: 'read', text: 'SELECT balance FROM accounts WHERE account_id = $1' }),
  /** The same, with the row locked from the read on. */
  row_lock: readCheckUpdate({
    name: 'read_and_lock',
    text: 'SELECT balance FROM accounts WHERE account_id = $1 FOR UPDATE',
  }),
  /** All in one statement and one round trip. */
  statement: deductInOneStatement,
} as const satisfies Record<string, Deduct>;

export type Way = keyof typeof ways;

const description = 'Image generation, 1024×1024';
const balances_schema = z.tuple([z.object({ balance: z.coerce.number() })]);

function readCheckUpdate(read: { readonly name: string; readonly text: string }): Deduct {
  return async (client, account_id, amount) => {
    await client.query('BEGIN');
    try {
      const [{ balance }] = balances_schema.parse((await client.query({ ...read, values: [account_id] })).rows);
      if (balance < amount) throw new Error('too few credits');
      const left = balance - amount;
      await client.query({
        name: 'set',
        text: 'UPDATE accounts SET balance = $2 WHERE account_id = $1',
        values: [account_id, left],
      });
      await client.query({
        name: 'insert',
        text: `INSERT INTO ledger (entry_id, account_id, amount, balance_after, description, actor)
               VALUES ($1, $2, $3, $4, $5, $6)`,
        values: [randomUUID(), account_id, -amount, left, description, randomUUID()],
      });
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    }
    await client.query('COMMIT');
  };
}

async function deductInOneStatement(client: Client, account_id: string, amount: number): Promise<void> {
  const { rowCount } = await client.query({
    name: 'deduct',
    text: `WITH changed AS (
             UPDATE accounts SET balance = balance - $2::bigint WHERE account_id = $1 AND balance >= $2::bigint
             RETURNING balance)
           INSERT INTO ledger (entry_id, account_id, amount, balance_after, description, actor)
           SELECT $3::uuid, $1, -$2::bigint, balance, $4::text, $5::uuid FROM changed`,
    values: [account_id, amount, randomUUID(), description, randomUUID()],
  });
  if (rowCount !== 1) throw new Error('too few credits');
}
