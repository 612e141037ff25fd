import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Tables } from '../../../shared/store/database.ts';

export type Item = Readonly<Record<string, unknown>>;
type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];
type Conditional = Pick<
  NonNullable<Write['Put']>,
  'TableName' | 'ConditionExpression' | 'ExpressionAttributeValues' | 'ReturnValuesOnConditionCheckFailure'
>;

/** A row that was written, beside what stood there before. */
export interface Change {
  readonly table: string;
  readonly before: Item | undefined;
  readonly after: Item;
}

export const tables: Tables = {
  accounts: 'accounts',
  account_parts: 'account_parts',
  ledger: 'ledger',
  stripe_events: 'stripe_events',
  usage: 'usage',
  requests: 'requests',
};

const keys: Readonly<Record<string, readonly string[]>> = {
  accounts: ['account_id'],
  account_parts: ['account_id', 'part_key'],
  ledger: ['account_id', 'entry_id'],
  stripe_events: ['event_id'],
  usage: ['account_id', 'feature_day'],
  requests: ['account_id', 'request_key'],
};

/** The tables in memory, with the calls and conditions that the store makes and no others. Each call is atomic and takes no time. */
export class MemoryTables {
  readonly #rows = new Map<string, Item>();
  readonly #onChange: (changes: readonly Change[]) => void;

  /** `onChange` is told of every write that took effect: the rows of one transaction together. */
  constructor(onChange: (changes: readonly Change[]) => void) {
    this.#onChange = onChange;
  }

  rowsOf(table: keyof Tables): Item[] {
    const prefix = `${table} `;
    const items: Item[] = [];
    for (const [key, item] of this.#rows) if (key.startsWith(prefix)) items.push(item);
    return items;
  }

  answer(command: unknown): object {
    if (command instanceof GetCommand) {
      const { TableName = '', Key = {} } = command.input;
      const item = this.#rows.get(keyOf(TableName, Key));
      return item === undefined ? {} : { Item: structuredClone(item) };
    }
    if (command instanceof QueryCommand && command.input.IndexName === 'by_due') return this.#dueAccounts(command);
    if (command instanceof QueryCommand && command.input.IndexName === 'by_stripe_customer') {
      const customer = command.input.ExpressionAttributeValues?.[':customer'];
      return { Items: this.rowsOf('accounts').filter(({ stripe_customer_id }) => stripe_customer_id === customer) };
    }
    if (command instanceof BatchGetCommand) return this.#batch(command);
    if (command instanceof PutCommand) {
      const write: Write = { Put: { ...command.input, Item: command.input.Item } };
      if (!this.#holds(write)) {
        const old = this.#oldOf(write);
        throw new ConditionalCheckFailedException({
          message: 'held',
          $metadata: {},
          ...(old && { Item: marshall(old) }),
        });
      }
      this.#write([write]);
      return {};
    }
    if (command instanceof TransactWriteCommand) {
      const writes = command.input.TransactItems ?? [];
      if (!writes.every((write) => this.#holds(write))) throw this.#cancelled(writes);
      this.#write(writes);
      return {};
    }
    throw new Error(`a call that this database does not know: ${String(command)}`);
  }

  #batch({ input: { RequestItems = {} } }: BatchGetCommand): object {
    const responses = Object.entries(RequestItems).map(([table, { Keys = [] }]) => {
      const items = Keys.flatMap((key) => this.#rows.get(keyOf(table, key)) ?? []);
      return [table, structuredClone(items)] as const;
    });
    return { Responses: Object.fromEntries(responses) };
  }

  #dueAccounts({ input }: QueryCommand): object {
    const { ':shard': shard, ':now': now } = input.ExpressionAttributeValues ?? {};
    const due = this.rowsOf('accounts')
      .filter(({ due_shard, due_at }) => due_shard === shard && typeof due_at === 'number' && due_at <= now)
      .map(({ account_id, due_at }) => ({ account_id, due_at: Number(due_at) }))
      .toSorted((a, b) => a.due_at - b.due_at);
    return { Items: due.slice(0, input.Limit) };
  }

  #write(writes: readonly Write[]): void {
    const changes = writes.map((write) => {
      const { table, key } = placeOf(write);
      const before = this.#rows.get(key);
      const after = afterOf(write, before);
      this.#rows.set(key, after);
      return { table, before, after };
    });
    this.#onChange(changes);
  }

  #oldOf(write: Write): Item | undefined {
    return this.#rows.get(placeOf(write).key);
  }

  #holds(write: Write): boolean {
    const old = this.#oldOf(write);
    const { ConditionExpression, ExpressionAttributeValues = {} } = conditionOf(write);
    switch (ConditionExpression) {
      case undefined:
        return true;
      case 'attribute_not_exists(account_id)':
      case 'attribute_not_exists(entry_id)':
      case 'attribute_not_exists(request_key)':
      case 'attribute_not_exists(use_count)':
        return old === undefined;
      case 'version = :decided_on':
        return old?.version === ExpressionAttributeValues[':decided_on'];
      case 'use_count = :before':
        return old?.use_count === ExpressionAttributeValues[':before'];
      case 'attribute_not_exists(event_id) OR outcome = :quarantined':
        return old === undefined || old.outcome === ExpressionAttributeValues[':quarantined'];
      default:
        throw new Error(`a condition that this database does not know: ${ConditionExpression}`);
    }
  }

  #cancelled(writes: readonly Write[]): TransactionCanceledException {
    const reasons = writes.map((write) => {
      if (this.#holds(write)) return { Code: 'None' };
      const old = this.#oldOf(write);
      const is_told = conditionOf(write).ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && old !== undefined;
      return { Code: 'ConditionalCheckFailed', ...(is_told ? { Item: marshall(old) } : {}) };
    });
    return new TransactionCanceledException({ message: 'cancelled', $metadata: {}, CancellationReasons: reasons });
  }
}

function conditionOf({ Put, Update }: Write): Conditional {
  const write = Put ?? Update;
  if (write === undefined) throw new Error('a write that this database does not know');
  return write;
}

function placeOf({ Put, Update }: Write): { table: string; key: string } {
  const table = Put?.TableName ?? Update?.TableName ?? '';
  return { table, key: keyOf(table, Put?.Item ?? Update?.Key ?? {}) };
}

/** As the document client sends it: without what is undefined, and nobody else's. */
function afterOf({ Put, Update }: Write, before: Item | undefined): Item {
  if (Put !== undefined) return JSON.parse(JSON.stringify(Put.Item));
  const added = Update?.ExpressionAttributeValues ?? {};
  if (Update?.UpdateExpression !== 'ADD use_count :count, credits :credits') {
    throw new Error(`an update that this database does not know: ${Update?.UpdateExpression}`);
  }
  return {
    ...Update.Key,
    use_count: Number(before?.use_count ?? 0) + Number(added[':count']),
    credits: Number(before?.credits ?? 0) + Number(added[':credits']),
  };
}

function keyOf(table: string, item: Item): string {
  return [table, ...(keys[table] ?? []).map((name) => String(item[name]))].join(' ');
}
