import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  TransactWriteCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Database } from '../../shared/store/database.ts';

type Item = Readonly<Record<string, unknown>>;
type Put = Pick<PutCommandInput, 'TableName' | 'Item' | 'ConditionExpression' | 'ExpressionAttributeValues'>;

const tables = {
  accounts: 'accounts',
  account_parts: 'account_parts',
  ledger: 'ledger',
  stripe_events: 'stripe_events',
} as const;

const keys: Readonly<Record<string, readonly string[]>> = {
  accounts: ['account_id'],
  account_parts: ['account_id', 'part_key'],
  ledger: ['account_id', 'entry_id'],
  stripe_events: ['event_id'],
};

/**
 * The tables that Stripe's events touch, in memory, with the conditions that the store writes and
 * no others: for tests that need so many accounts that an engine would take minutes. It can be set
 * back to an earlier state.
 */
export class MemoryDatabase implements Database {
  readonly client: DynamoDBDocumentClient;
  readonly tables = tables;
  #rows: ReadonlyMap<string, Item> = new Map();

  constructor() {
    const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
    this.client = Object.assign(client, { send: async (command: unknown) => this.#answer(command) });
  }

  get state(): ReadonlyMap<string, Item> {
    return this.#rows;
  }

  set state(rows: ReadonlyMap<string, Item>) {
    this.#rows = rows;
  }

  rowsOf(table: keyof typeof tables): Item[] {
    return [...this.#rows].flatMap(([key, item]) => (key.startsWith(`${table} `) ? [item] : []));
  }

  #answer(command: unknown): object {
    if (command instanceof GetCommand) {
      const { TableName = '', Key = {} } = command.input;
      return { Item: this.#rows.get(keyOf(TableName, Key)) };
    }
    if (command instanceof QueryCommand && command.input.IndexName === 'by_stripe_customer') {
      const customer = command.input.ExpressionAttributeValues?.[':customer'];
      return { Items: this.rowsOf('accounts').filter(({ stripe_customer_id }) => stripe_customer_id === customer) };
    }
    if (command instanceof PutCommand) {
      if (!this.#holds(command.input)) throw new ConditionalCheckFailedException({ message: 'held', $metadata: {} });
      this.#put([command.input]);
      return {};
    }
    if (command instanceof TransactWriteCommand) {
      const puts = (command.input.TransactItems ?? []).map(({ Put }) => {
        if (Put === undefined) throw new Error('a write that this database does not know');
        return Put;
      });
      if (!puts.every((put) => this.#holds(put))) throw this.#cancelled(puts);
      this.#put(puts);
      return {};
    }
    throw new Error(`a call that this database does not know: ${String(command)}`);
  }

  #put(puts: readonly Put[]): void {
    const written = puts.map(({ TableName = '', Item = {} }) => [keyOf(TableName, Item), Item] as const);
    this.#rows = new Map([...this.#rows, ...written]);
  }

  #holds({ TableName = '', Item = {}, ConditionExpression, ExpressionAttributeValues = {} }: Put): boolean {
    const old = this.#rows.get(keyOf(TableName, Item));
    switch (ConditionExpression) {
      case undefined:
        return true;
      case 'attribute_not_exists(account_id)':
      case 'attribute_not_exists(entry_id)':
        return old === undefined;
      case 'version = :decided_on':
        return old?.version === ExpressionAttributeValues[':decided_on'];
      case 'attribute_not_exists(event_id) OR outcome = :quarantined':
        return old === undefined || old.outcome === ExpressionAttributeValues[':quarantined'];
      default:
        throw new Error(`a condition that this database does not know: ${ConditionExpression}`);
    }
  }

  #cancelled(puts: readonly Put[]): TransactionCanceledException {
    const reasons = puts.map((put) => {
      if (this.#holds(put)) return { Code: 'None' };
      const old = this.#rows.get(keyOf(put.TableName ?? '', put.Item ?? {}));
      return { Code: 'ConditionalCheckFailed', ...(old === undefined ? {} : { Item: marshall(old) }) };
    });
    return new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons: reasons });
  }
}

function keyOf(table: string, item: Item): string {
  return [table, ...(keys[table] ?? []).map((name) => String(item[name]))].join(' ');
}
