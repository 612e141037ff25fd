import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { chainHash } from '../../shared/domain/ledger/entry.ts';
import type { LedgerProblem } from '../../shared/domain/ledger/verify.ts';
import { tableName } from '../../shared/store/database.ts';
import { getEntry } from '../../shared/store/entries.ts';
import { verifyLedger } from '../../shared/store/verify-ledger.ts';
import { describeOnEngines, freshAccountId, newAccounts, pace, test_now } from '../engines/engines.ts';
import { deductCommand } from './commands.ts';
import { ledgerRows } from './ledger-rows.ts';

const no_wait = { wait: async () => undefined };

/** Which problems there are, and in which rows. */
function named(problems: readonly LedgerProblem[]) {
  return problems.map(({ seq, entry_id, problem }) => [seq, entry_id, problem]);
}

describeOnEngines('verify the stored ledger', (database) => {
  const ledger = tableName(database, 'ledger');
  const accounts_table = tableName(database, 'accounts');

  const { ledgerOfFour, edit } = ledgerRows(database);

  async function editAccount(account_id: string, attribute: string, value: unknown): Promise<void> {
    await database.client.send(
      new UpdateCommand({
        TableName: accounts_table,
        Key: { account_id },
        UpdateExpression: 'SET #attribute = :value',
        ExpressionAttributeNames: { '#attribute': attribute },
        ExpressionAttributeValues: { ':value': value },
      }),
    );
  }

  async function remove(account_id: string, entry_id: string, attribute: string): Promise<void> {
    await database.client.send(
      new UpdateCommand({
        TableName: ledger,
        Key: { account_id, entry_id },
        UpdateExpression: 'REMOVE #attribute',
        ExpressionAttributeNames: { '#attribute': attribute },
      }),
    );
  }

  async function rowOf(account_id: string, entry_id: string) {
    const entry = await getEntry(database, account_id, entry_id);
    if (entry === null) throw new Error(`no ${entry_id}`);
    return entry;
  }

  /** Puts a row as somebody might who knows how the chain is made. */
  async function forge(account_id: string, changes: Record<string, unknown>): Promise<void> {
    const { hash, ...content } = await rowOf(account_id, 'use:b');
    const forged = { ...content, entry_id: 'use:forged', ...changes };
    const Item = { ...forged, hash: chainHash(hash, forged) };
    await database.client.send(new PutCommand({ TableName: ledger, Item }));
  }

  /** What verify finds; what it lists is what it reports one by one. */
  async function problemsOf(account_id: string): Promise<readonly LedgerProblem[]> {
    const reported: LedgerProblem[] = [];
    const report = (problem: LedgerProblem) => void reported.push(problem);
    const { ok, problems } = await verifyLedger(database, account_id, { ...no_wait, report });
    expect(ok).toBe(problems.length === 0);
    expect(reported).toEqual(problems);
    return problems;
  }

  test.each([
    ['description', 'something else'],
    ['amount', -9],
    ['balance_after', 81],
    ['created_at', test_now + 1],
    ['actor', 'somebody else'],
    ['fingerprint', null],
    ['transaction_type', 'refund'],
    ['lots', []],
    ['feature', 'ads'],
    ['hash', 'x'],
  ])('names an edited row alone: %s', async (attribute, value) => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:b', attribute, value);
    const problems = await problemsOf(account_id);
    expect(problems).toContainEqual(expect.objectContaining({ seq: 3, entry_id: 'use:b', problem: 'hash' }));
    expect(new Set(problems.map(({ seq }) => seq))).toEqual(new Set([3]));
  });

  test('names an edited row with a recomputed hash by the row after it', async () => {
    const account_id = await ledgerOfFour();
    const { hash: _, ...content } = { ...(await rowOf(account_id, 'use:b')), description: 'never happened' };
    const { hash: previous } = await rowOf(account_id, 'use:a');
    const Item = { ...content, hash: chainHash(previous, content) };
    await database.client.send(new PutCommand({ TableName: ledger, Item }));
    expect(named(await problemsOf(account_id))).toEqual([[4, 'use:c', 'hash']]);
  });

  test.each<[string, string, unknown, string]>([
    ['description', 'a number', 7, 'description: '],
    ['amount', 'text', '-10', 'amount: '],
    ['amount', 'a fraction', 1.5, 'not whole'],
    ['amount', '2^53', 2n ** 53n, 'beyond 2^53'],
    ['amount', '10^37', 10n ** 37n, 'beyond 2^53'],
    ['balance_after', 'null', null, 'balance_after: '],
    ['lots', 'text', 'none', 'lots: '],
    ['lots', 'lots without an amount', [{ id: 'lot_1', kind: 'monthly' }], 'lots.0.amount: '],
    ['lots', 'lots with a note', [{ id: 'lot_1', kind: 'monthly', amount: -10, note: '' }], 'what no entry holds'],
    ['note', 'text', 'was it me?', 'it holds what no entry holds'],
    ['transaction_type', 'none that there is', 'gift', 'transaction_type: '],
    ['created_at', 'a set', new Set(['now']), 'created_at: '],
    ['fingerprint', 'bytes', new Uint8Array([1, 2]), 'fingerprint: '],
  ])('names a row that is no entry alone: %s, %s', async (attribute, _, value, reason) => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:b', attribute, value);
    expect(await problemsOf(account_id)).toEqual([
      { seq: 3, entry_id: 'use:b', problem: 'unreadable', detail: expect.stringContaining(reason) },
    ]);
  });

  test.each(['description', 'balance_after', 'actor'])('names a row without its %s', async (attribute) => {
    const account_id = await ledgerOfFour();
    await remove(account_id, 'use:b', attribute);
    expect(named(await problemsOf(account_id))).toEqual([[3, 'use:b', 'unreadable']]);
  });

  test('names a row without its hash, and the row after it, which nothing binds any more', async () => {
    const account_id = await ledgerOfFour();
    await remove(account_id, 'use:b', 'hash');
    expect(named(await problemsOf(account_id))).toEqual([
      [3, 'use:b', 'unreadable'],
      [4, 'use:c', 'hash'],
    ]);
  });

  test.each([
    ['first', 'reset:2026-11-23T10:00:00.000Z', [2, 'use:a', 'missing']],
    ['middle', 'use:b', [4, 'use:c', 'missing']],
    ['last', 'use:c', [null, null, 'head']],
  ])('notices that the %s row was deleted', async (_, entry_id, problem) => {
    const account_id = await ledgerOfFour();
    await database.client.send(new DeleteCommand({ TableName: ledger, Key: { account_id, entry_id } }));
    expect(named(await problemsOf(account_id))).toContainEqual(problem);
  });

  test('reports a row without its seq as missing; who may read the whole table finds its name', async () => {
    const account_id = await ledgerOfFour();
    await remove(account_id, 'use:b', 'seq');
    expect(named(await problemsOf(account_id))).toEqual([[4, 'use:c', 'missing']]);
    expect(named((await verifyLedger(database, account_id, { ...no_wait, whole_table: true })).problems)).toEqual([
      [4, 'use:c', 'missing'],
      [null, 'use:b', 'inserted'],
    ]);
  });

  test.each([1, 2, 3, 4, 5, 900, 0, -3])('names a row inserted with seq %i', async (seq) => {
    const account_id = await ledgerOfFour();
    await forge(account_id, { seq });
    expect(named(await problemsOf(account_id))).toContainEqual([seq, 'use:forged', 'inserted']);
  });

  test.each([2.5, 4.5])('names a row inserted between two others with seq %d', async (seq) => {
    const account_id = await ledgerOfFour();
    await forge(account_id, { seq });
    expect(await problemsOf(account_id)).toEqual([expect.objectContaining({ entry_id: 'use:forged' })]);
  });

  test('names a row inserted with a seq that no number can be', async () => {
    const account_id = await ledgerOfFour();
    const Item = { account_id, entry_id: 'use:forged', seq: 10n ** 37n };
    await database.client.send(new PutCommand({ TableName: ledger, Item }));
    expect(named(await problemsOf(account_id))).toEqual([[null, 'use:forged', 'inserted']]);
  });

  test('names the inserted one of two rows with one seq alone', async () => {
    const account_id = await ledgerOfFour();
    for (const entry_id of ['use:_', 'use:d']) await forge(account_id, { entry_id, seq: 3 });
    const problems = await problemsOf(account_id);
    expect(new Set(problems.map(({ entry_id }) => entry_id))).toEqual(new Set(['use:_', 'use:d']));
    expect(problems.filter(({ problem }) => problem === 'inserted')).toHaveLength(2);
  });

  test('names both of two rows that changed places', async () => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:a', 'seq', 3);
    await edit(account_id, 'use:b', 'seq', 2);
    const problems = await problemsOf(account_id);
    expect(problems).toContainEqual(expect.objectContaining({ entry_id: 'use:a', problem: 'hash' }));
    expect(problems).toContainEqual(expect.objectContaining({ entry_id: 'use:b', problem: 'hash' }));
  });

  test.each([1, 7])('names a row with a wrong seq, %i', async (seq) => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:b', 'seq', seq);
    const problems = await problemsOf(account_id);
    expect(problems).toContainEqual(expect.objectContaining({ seq, entry_id: 'use:b', problem: 'inserted' }));
    expect(problems).toContainEqual(expect.objectContaining({ seq: 4, entry_id: 'use:c', problem: 'missing' }));
  });

  test('names a row with the next row’s seq together with that row', async () => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:b', 'seq', 4);
    expect(named(await problemsOf(account_id))).toEqual([
      [4, expect.stringMatching(/^use:[bc]$/), 'missing'],
      [4, expect.stringMatching(/^use:[bc]$/), 'inserted'],
    ]);
  });

  test.each([
    ['seq', 5, 'the last row is 4, the account says 5'],
    ['head_hash', 'x', "the last row's hash is not the account's"],
    ['lots', [], "the rows sum up to 70, the account's lots hold 0"],
  ])('names an account with another %s', async (attribute, value, detail) => {
    const account_id = await ledgerOfFour();
    await editAccount(account_id, attribute, value);
    expect(await problemsOf(account_id)).toEqual([{ seq: null, entry_id: null, problem: 'head', detail }]);
  });

  test('names the rows behind the one that the account says is its last', async () => {
    const account_id = await ledgerOfFour();
    await editAccount(account_id, 'seq', 2);
    expect(named(await problemsOf(account_id))).toEqual([
      [3, 'use:b', 'inserted'],
      [4, 'use:c', 'inserted'],
      [null, null, 'head'],
      [null, null, 'head'],
    ]);
  });

  test.each<[string, string, unknown, string]>([
    ['lots', 'text', 'none', 'the account: lots: '],
    ['seq', '10^37', 10n ** 37n, 'the account: a number in it is not whole'],
    ['period', 'a fraction', 1.5, 'the account: a number in it is not whole'],
    ['head_hash', 'null', null, 'the account: head_hash: '],
  ])('names an account that cannot be read and verifies its rows: %s, %s', async (name, _, value, detail) => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:a', 'actor', 'nobody');
    await editAccount(account_id, name, value);
    expect(await problemsOf(account_id)).toMatchObject([
      { seq: 2, entry_id: 'use:a', problem: 'hash' },
      { seq: null, entry_id: null, problem: 'unreadable', detail: expect.stringContaining(detail) },
    ]);
  });

  test('notices rows without an account and verifies them', async () => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:a', 'actor', 'nobody');
    await database.client.send(new DeleteCommand({ TableName: accounts_table, Key: { account_id } }));
    expect(await problemsOf(account_id)).toMatchObject([
      { seq: 2, problem: 'hash' },
      { seq: null, problem: 'head', detail: 'there is no account, and there are 4 rows of it' },
    ]);
  });

  test('notices an account without its rows', async () => {
    const account_id = await ledgerOfFour();
    for (const entry_id of ['reset:2026-11-23T10:00:00.000Z', 'use:a', 'use:b', 'use:c']) {
      await database.client.send(new DeleteCommand({ TableName: ledger, Key: { account_id, entry_id } }));
    }
    const detail = 'the last row is 0, the account says 4';
    expect(await problemsOf(account_id)).toContainEqual({ seq: null, entry_id: null, problem: 'head', detail });
  });

  test('finds an empty ledger for an account that was never seen', async () => {
    const verified = await verifyLedger(database, freshAccountId(), no_wait);
    expect(verified).toEqual({ ok: true, entries: 0, balance: 0, problems: [] });
  });

  test('lists a hundred problems, says how many more there are, and reports all', async () => {
    const account_id = freshAccountId();
    const accounts = newAccounts(database);
    await Promise.all(
      Array.from({ length: 100 }, (_, nth) => accounts.transact(account_id, deductCommand(`${nth}`, 1))),
    );
    await Promise.all(Array.from({ length: 100 }, (_, nth) => edit(account_id, `use:${nth}`, 'actor', 'nobody')));
    for (const seq of [3, 5, 7]) await forgeRow(account_id, seq);
    await editAccount(account_id, 'head_hash', 'x');
    const reported: LedgerProblem[] = [];
    const report = (problem: LedgerProblem) => void reported.push(problem);
    const { ok, problems, unlisted_problems } = await verifyLedger(database, account_id, { ...no_wait, report });
    expect(ok).toBe(false);
    expect(problems).toHaveLength(101);
    expect(problems.at(-1)).toMatchObject({ problem: 'head' });
    expect(problems.length + (unlisted_problems ?? 0)).toBe(reported.length);
    expect(unlisted_problems).toBe(3);
  });

  async function forgeRow(account_id: string, seq: number): Promise<void> {
    const Item = { account_id, entry_id: `use:forged ${seq}`, seq };
    await database.client.send(new PutCommand({ TableName: ledger, Item }));
  }

  /** The engine with an index that shows only all rows but one in the first looks at it. */
  async function withStaleIndex(seq: number, stale_looks: number, verified: () => Promise<void>): Promise<void> {
    const name = 'staleIndex';
    let looks = stale_looks;
    database.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const result = await next(args);
          if (commandName !== 'QueryCommand' || looks === 0) return result;
          looks -= 1;
          const { output } = result;
          if ('Items' in output && Array.isArray(output.Items)) {
            output.Items = output.Items.filter((item) => item.seq.N !== String(seq));
          }
          return result;
        },
      { step: 'initialize', name },
    );
    try {
      await verified();
    } finally {
      database.client.middlewareStack.remove(name);
    }
  }

  test.each([
    ['in the middle', 3],
    ['at the end', 4],
  ])('waits for a row %s that the index does not show yet', async (_, seq) => {
    const account_id = await ledgerOfFour();
    const waited: number[] = [];
    const wait = async (ms: number) => void waited.push(ms);
    await withStaleIndex(seq, 2, async () => {
      expect(await verifyLedger(database, account_id, { wait })).toMatchObject({ ok: true, entries: 4, balance: 70 });
    });
    expect(waited).toEqual([200, 800]);
  });

  test('waits for a limited time, however many rows are missing', async () => {
    const account_id = await ledgerOfFour();
    for (const entry_id of ['use:a', 'use:c']) {
      await database.client.send(new DeleteCommand({ TableName: ledger, Key: { account_id, entry_id } }));
    }
    const waited: number[] = [];
    const wait = async (ms: number) => void waited.push(ms);
    expect(named((await verifyLedger(database, account_id, { wait })).problems)).toContainEqual([
      3,
      'use:b',
      'missing',
    ]);
    expect(waited).toEqual([200, 800]);
  });

  test('finds no problem in rows that are written meanwhile', async () => {
    const account_id = await ledgerOfFour();
    const accounts = newAccounts(database);
    const writes = Array.from({ length: 60 }, (_, nth) => accounts.transact(account_id, deductCommand(`w${nth}`, 1)));
    for (let times = 0; times < 5; times += 1) {
      expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true });
    }
    await Promise.all(writes);
    expect(await verifyLedger(database, account_id, pace)).toMatchObject({ ok: true, entries: 64, balance: 10 });
  });

  test('writes nothing anywhere', async () => {
    const account_id = await ledgerOfFour();
    const itemOf = () => database.client.send(new GetCommand({ TableName: accounts_table, Key: { account_id } }));
    const { Item: before } = await itemOf();
    await problemsOf(account_id);
    expect((await itemOf()).Item).toEqual(before);
  });
});
