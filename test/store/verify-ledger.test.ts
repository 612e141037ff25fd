import { DeleteCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { tableName } from '../../shared/store/database.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { describeOnEngines, freshAccountId, newAccounts, test_now } from '../engines/engines.ts';
import { deductCommand } from './commands.ts';

const no_wait = { wait: async () => undefined };

describeOnEngines('verify', (database) => {
  const TableName = tableName(database, 'ledger');

  async function ledgerOfFour(): Promise<string> {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    for (const key of ['a', 'b', 'c']) await accounts.transact(account_id, deductCommand(key, 10));
    return account_id;
  }

  test('an edited row is named', async () => {
    const account_id = await ledgerOfFour();
    await database.client.send(
      new UpdateCommand({
        TableName,
        Key: { account_id, entry_id: 'use:b' },
        UpdateExpression: 'SET description = :other',
        ExpressionAttributeValues: { ':other': 'something else' },
      }),
    );
    const { ok, problems } = await verifyLedger(database, account_id, no_wait);
    expect(ok).toBe(false);
    expect(problems).toMatchObject([{ seq: 3, entry_id: 'use:b', problem: 'hash' }]);
  });

  test.each([
    ['in the middle', 'use:b', { seq: 4, entry_id: 'use:c', problem: 'missing' }],
    ['at the end', 'use:c', { seq: null, problem: 'head' }],
  ])('a row deleted %s is noticed', async (_, entry_id, problem) => {
    const account_id = await ledgerOfFour();
    await database.client.send(new DeleteCommand({ TableName, Key: { account_id, entry_id } }));
    const { ok, problems } = await verifyLedger(database, account_id, no_wait);
    expect(ok).toBe(false);
    expect(problems).toContainEqual(expect.objectContaining(problem));
  });

  test.each([3, 5])('a row inserted with seq %i is noticed, also behind the last one', async (seq) => {
    const account_id = await ledgerOfFour();
    const forged = {
      account_id,
      entry_id: 'use:forged',
      seq,
      transaction_type: 'usage',
      amount: 0,
      balance_after: 70,
      lots: [],
      description: 'forged',
      created_at: test_now,
      actor: 'nobody',
      fingerprint: null,
      hash: 'forged',
    };
    await database.client.send(new PutCommand({ TableName, Item: forged }));
    expect((await verifyLedger(database, account_id, no_wait)).ok).toBe(false);
  });

  test('an account that nobody has seen has an empty ledger', async () => {
    const verified = await verifyLedger(database, freshAccountId(), no_wait);
    expect(verified).toEqual({ ok: true, entries: 0, balance: 0, problems: [] });
  });
});
