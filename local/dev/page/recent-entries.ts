import { QueryCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Entry } from '../../../shared/domain/ledger/entry.ts';
import { type Database, tableName } from '../../../shared/store/database.ts';
import { fromEntryItem } from '../../../shared/store/entry-item.ts';

/** So many are kept and shown. */
const most_entries = 50;
const most_accounts = 100;

const head_schema = z.object({ account_id: z.string(), seq: z.int(), updated_at: z.int() });
type Head = z.infer<typeof head_schema>;

/** The newest entries of all accounts, in the order in which they were seen. */
export class RecentEntries {
  readonly #database: Database;
  readonly #seen = new Map<string, number>();
  #entries: Entry[] = [];
  #accounts: string[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /** Newest first. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Ids of the accounts that changed last, newest first. */
  get accounts(): readonly string[] {
    return this.#accounts;
  }

  /**
   * Looks for what is new. It reads the number of each account's last entry, and the ledger of
   * those that have moved.
   */
  async refresh(): Promise<void> {
    const heads = (await this.#heads()).sort((a, b) => b.updated_at - a.updated_at);
    this.#accounts = heads.slice(0, most_accounts).map(({ account_id }) => account_id);
    const moved = heads
      .filter(({ account_id, seq }) => seq > (this.#seen.get(account_id) ?? 0))
      .slice(0, most_accounts);
    const found = await Promise.all(moved.map((head) => this.#newest(head)));
    for (const { account_id, seq } of heads) this.#seen.set(account_id, seq);
    // The moment of an entry can be a boundary that lies before the commit; within an account seq
    // says the order.
    const fresh = found
      .flat()
      .sort((a, b) => (a.account_id === b.account_id ? b.seq - a.seq : b.created_at - a.created_at));
    this.#entries = [...fresh, ...this.#entries].slice(0, most_entries);
  }

  async #heads(): Promise<Head[]> {
    const heads: Head[] = [];
    let start_key: Record<string, unknown> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await this.#database.client.send(
        new ScanCommand({
          TableName: tableName(this.#database, 'accounts'),
          ProjectionExpression: 'account_id, seq, updated_at',
          ExclusiveStartKey: start_key,
        }),
      );
      heads.push(...z.array(head_schema).parse(Items));
      start_key = LastEvaluatedKey;
    } while (start_key !== undefined);
    return heads;
  }

  /** The account's entries since the last look, newest first. */
  async #newest({ account_id, seq }: Head): Promise<Entry[]> {
    const { Items = [] } = await this.#database.client.send(
      new QueryCommand({
        TableName: tableName(this.#database, 'ledger'),
        IndexName: 'by_seq',
        KeyConditionExpression: 'account_id = :account_id AND seq BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':account_id': account_id,
          ':first': (this.#seen.get(account_id) ?? 0) + 1,
          ':last': seq,
        },
        ScanIndexForward: false,
        Limit: most_entries,
      }),
    );
    return Items.map(fromEntryItem);
  }
}
