import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { type Database, tableName } from '../../shared/store/database.ts';
import { freshAccountId, newAccounts } from '../engines/engines.ts';
import { deductCommand } from './commands.ts';

/** Rows of the ledger as somebody with the whole table could change them. */
export function ledgerRows(database: Database) {
  /**
   * A new account with a reset and three deductions of 10: use:a, use:b and use:c have seq 2, 3 and
   * 4.
   */
  async function ledgerOfFour(): Promise<string> {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    for (const key of ['a', 'b', 'c']) await accounts.transact(account_id, deductCommand(key, 10));
    return account_id;
  }

  async function edit(account_id: string, entry_id: string, attribute: string, value: unknown): Promise<void> {
    await database.client.send(
      new UpdateCommand({
        TableName: tableName(database, 'ledger'),
        Key: { account_id, entry_id },
        UpdateExpression: 'SET #attribute = :value',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  }

  return { ledgerOfFour, edit };
}
