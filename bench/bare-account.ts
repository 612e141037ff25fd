import { randomUUID } from 'node:crypto';
import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Deps } from '../functions/composition.ts';
import type { Account } from '../shared/domain/account/account.ts';
import type { Entry } from '../shared/domain/ledger/entry.ts';
import { toAccountItem } from '../shared/store/account-item.ts';
import { type Database, tableName } from '../shared/store/database.ts';
import { toEntryItem } from '../shared/store/entry-item.ts';
import { deductOne, entryOf, openAccount } from './deductions.ts';

/**
 * The standard for everything else: an account for which the SDK alone reads and then sends a
 * deduction's transaction, with its items and conditions, but with nothing decided, hashed or
 * checked. One transaction at a time.
 */
export class BareAccount {
  readonly #database: Database;
  readonly #account: Record<string, unknown>;
  readonly #entry: Record<string, unknown>;
  #version: number;
  #seq: number;

  /** Goes on where the store left the account. */
  constructor({ database, catalog, config }: Deps, account: Account, entry: Entry) {
    this.#database = database;
    this.#account = toAccountItem(account, catalog, config.sweep.due_shards);
    this.#entry = toEntryItem({ ...entry, account_id: account.account_id });
    this.#version = account.version;
    this.#seq = account.seq;
  }

  /** One read, and one transaction with this many deductions. */
  async deduct(count = 1): Promise<void> {
    const TableName = tableName(this.#database, 'accounts');
    const Key = { account_id: this.#account.account_id };
    await this.#database.client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    const decided_on = this.#version;
    this.#version += 1;
    const added = Array.from({ length: count }, () => this.#addEntry());
    const changed = {
      TableName,
      Item: { ...this.#account, version: this.#version, seq: this.#seq },
      ConditionExpression: 'version = :decided_on',
      ExpressionAttributeValues: { ':decided_on': decided_on },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    } as const;
    await this.#database.client.send(new TransactWriteCommand({ TransactItems: [{ Put: changed }, ...added] }));
  }

  #addEntry() {
    this.#seq += 1;
    return {
      Put: {
        TableName: tableName(this.#database, 'ledger'),
        Item: { ...this.#entry, entry_id: `use:${randomUUID()}`, seq: this.#seq },
        ConditionExpression: 'attribute_not_exists(entry_id)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    } as const;
  }
}

/** A bare account of its own. */
export async function openBareAccount(deps: Deps): Promise<BareAccount> {
  const { accounts } = deps;
  const { account_id } = await openAccount(accounts);
  const deducted = await accounts.transact(account_id, deductOne());
  return new BareAccount(deps, deducted.account, entryOf(deducted));
}
