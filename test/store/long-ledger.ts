import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { newAccount } from '../../shared/domain/account/account.ts';
import { chainHash, type Entry, genesis_hash } from '../../shared/domain/ledger/entry.ts';
import { toAccountItem } from '../../shared/store/account-item.ts';
import type { Database } from '../../shared/store/database.ts';
import { catalog, test_now } from '../engines/engines.ts';

export const pages = 20;
export const rows_per_page = 100;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

type Item = Record<string, AttributeValue>;

/** The page of the ledger in which one credit was granted again and again. */
function pageOf(page: number, previous: string): { items: Item[]; hash: string } {
  let hash = previous;
  const items = Array.from({ length: rows_per_page }, (_, row) => {
    const seq = page * rows_per_page + row + 1;
    const content: Omit<Entry, 'hash'> = {
      account_id: 'u_1',
      entry_id: `grant:${seq}`,
      seq,
      transaction_type: 'bonus',
      amount: 1,
      balance_after: seq,
      lots: [{ id: `lot_${seq}`, kind: 'bonus', amount: 1 }],
      description: 'one more',
      created_at: test_now,
      actor: 'service',
      fingerprint: null,
    };
    hash = chainHash(hash, content);
    return marshall({ ...content, hash });
  });
  return { items, hash };
}

/** The last hash of each page. */
const hashes: string[] = [];
for (let page = 0; page < pages; page += 1) hashes.push(pageOf(page, hashes.at(-1) ?? genesis_hash).hash);

export const rows = pages * rows_per_page;
const lot = { id: 'lot_1', kind: 'bonus', amount: rows, remaining: rows, created_at: test_now } as const;
const account = { ...newAccount('u_1', catalog, test_now), seq: rows, head_hash: hashes.at(-1) ?? '' };
const account_item = marshall({ ...toAccountItem(account, catalog, 1), lots: [lot] });

/**
 * A database with one long ledger, which it makes as it is read; and how many of the pages it gave
 * were alive at the next one.
 */
export function longLedger() {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ region: 'us-east-1' }));
  const given: WeakRef<Item[]>[] = [];
  const alive: number[] = [];

  async function nextPage() {
    await turn();
    collectGarbage();
    alive.push(given.filter((page) => page.deref() !== undefined).length);
    const page = given.length;
    if (page === pages) return { Items: [] };
    const { items } = pageOf(page, hashes[page - 1] ?? genesis_hash);
    given.push(new WeakRef(items));
    return { Items: items, ...(page + 1 < pages && { LastEvaluatedKey: { seq: { N: '1' } } }) };
  }
  client.middlewareStack.add(
    (_, { commandName }) =>
      async () => ({
        output: { $metadata: {}, ...(commandName === 'QueryCommand' ? await nextPage() : { Item: account_item }) },
        response: {},
      }),
    { step: 'initialize', name: 'longLedger' },
  );
  const database: Database = { client, tables: { accounts: 'accounts', ledger: 'ledger' } };
  return { database, alive };
}
