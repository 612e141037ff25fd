import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { BatchWriteCommand, DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { chainHash } from '../../shared/domain/ledger/entry.ts';
import { type Database, tableName } from '../../shared/store/database.ts';
import { getEntry } from '../../shared/store/entries.ts';
import { describeOnEngine, freshAccountId } from '../engines/engines.ts';
import { ledgerRows } from '../store/ledger-rows.ts';
import { runLedger, startLedger } from './run-ledger.ts';

const entry_schema = z.looseObject({
  seq: z.int(),
  amount: z.int(),
  balance_after: z.int(),
  entry_id: z.string(),
  hash: z.string(),
});

async function environmentOf(database: Database): Promise<Record<string, string>> {
  const endpoint = await database.client.config.endpoint?.();
  if (endpoint === undefined) throw new Error('an engine has an endpoint');
  return {
    ACCOUNTS_TABLE: tableName(database, 'accounts'),
    LEDGER_TABLE: tableName(database, 'ledger'),
    AWS_ENDPOINT_URL_DYNAMODB: `http://${endpoint.hostname}:${endpoint.port}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
}

/** JSON as any program writes it that sorts names: for what an entry holds, the form of RFC 8785. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

describeOnEngine('npm run ledger', (database) => {
  const ledger = tableName(database, 'ledger');
  const run = async (...args: string[]) => runLedger(args, await environmentOf(database));

  const { ledgerOfFour, edit } = ledgerRows(database);

  test('export: whole entries, oldest first, with a chain that any program can check', async () => {
    const account_id = await ledgerOfFour();
    const { code, stdout, stderr } = await run('export', account_id);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines.pop()).toBe('');
    let previous = '';
    let balance = 0;
    const ids = lines.map((line) => {
      const { hash, ...entry } = entry_schema.parse(JSON.parse(line));
      const content = JSON.stringify(sorted(entry));
      expect(hash).toBe(createHash('sha256').update(`${previous}\n${content}`).digest('base64url'));
      // The line is that content and the hash in its place.
      expect(line.replace(`"hash":"${hash}",`, '')).toBe(content);
      balance += entry.amount;
      expect(entry.balance_after).toBe(balance);
      previous = hash;
      return entry.entry_id;
    });
    expect(ids).toEqual(['reset:2026-11-23T10:00:00.000Z', 'use:a', 'use:b', 'use:c']);
    expect(JSON.parse(lines[1] ?? '')).toEqual(await getEntry(database, account_id, 'use:a'));
  });

  test('export: CSV with a header', async () => {
    const account_id = await ledgerOfFour();
    const { code, stdout } = await run('export', account_id, '--format', 'csv');
    const [header, ...records] = stdout.split('\r\n');
    expect(code).toBe(0);
    expect(header).toMatch(/^account_id,seq,created_at,transaction_type,amount,balance_after,description,/);
    expect(records).toHaveLength(5);
    expect(records[3]).toMatch(new RegExp(`^${account_id},4,2026-11-23T10:00:00.000Z,usage,-10,70,test,`));
  });

  test('export: leaves out what is no entry, and says so', async () => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:b', 'amount', 'ten');
    const { code, stdout, stderr } = await run('export', account_id);
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toMatch(/^left out: use:b \(seq 3\): amount: .*\n$/);
  });

  test('verify: a whole ledger is ok', async () => {
    const account_id = await ledgerOfFour();
    expect(await run('verify', account_id)).toEqual({
      code: 0,
      stdout: `${account_id}: ok, 4 entries, balance 70\n`,
      stderr: '',
    });
  });

  test('verify: each problem is a line, and the exit code is 1', async () => {
    const account_id = await ledgerOfFour();
    await edit(account_id, 'use:a', 'description', 'never happened');
    await edit(account_id, 'use:b', 'lots', 'none');
    await database.client.send(new DeleteCommand({ TableName: ledger, Key: { account_id, entry_id: 'use:c' } }));
    const { code, stdout } = await run('verify', account_id);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'seq 2 use:a: hash: its content or its predecessor is not what was written',
      expect.stringMatching(/^seq 3 use:b: unreadable: lots: /),
      'the account: head: the last row is 3, the account says 4',
      "the account: head: the rows sum up to 80, the account's lots hold 70",
      `${account_id}: 4 problems, 3 entries, balance 80`,
      '',
    ]);
  });

  test('verify: more problems than the API lists, and rows that no listing shows', async () => {
    const account_id = await ledgerOfFour();
    await putRows(account_id, 150, (nth) => ({ entry_id: `use:forged ${nth}` }));
    const { code, stdout } = await run('verify', account_id);
    expect(code).toBe(1);
    expect(stdout.split('\n').filter((line) => /^use:forged \d+: inserted: it has no seq$/.test(line))).toHaveLength(
      150,
    );
    expect(stdout).toContain(`${account_id}: 150 problems, 154 entries, balance 70\n`);
  });

  test('text in a row cannot control a terminal', async () => {
    const account_id = await ledgerOfFour();
    await putRows(account_id, 1, () => ({ entry_id: 'use:\u001b[2Jx\n\u009b', seq: 3 }));
    const { stdout } = await run('verify', account_id);
    expect(stdout).toContain('seq 3 use:\\u001b[2Jx\\u000a\\u009b: ');
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  });

  async function putRows(account_id: string, count: number, rowOf: (nth: number) => Record<string, unknown>) {
    for (let first = 0; first < count; first += 25) {
      const requests = Array.from({ length: Math.min(25, count - first) }, (_, nth) => ({
        PutRequest: { Item: { account_id, ...rowOf(first + nth) } },
      }));
      await database.client.send(new BatchWriteCommand({ RequestItems: { [ledger]: requests } }));
    }
  }

  test.each(['jsonl', 'csv'])('ends quietly when its reader reads the beginning only: %s', async (format) => {
    const account_id = await ledgerOfFour();
    const first = await getEntry(database, account_id, 'use:a');
    if (first === null) throw new Error('no use:a');
    // Without an account an export is of all rows: more of them than a pipe and its reader hold.
    const long = freshAccountId();
    const { hash: _, ...content } = { ...first, account_id: long, description: 'x'.repeat(2_000) };
    await putRows(long, 500, (nth) => {
      const row = { ...content, entry_id: `use:${nth}`, seq: nth + 1 };
      return { ...row, hash: chainHash('', row) };
    });
    const child = startLedger(['export', long, '--format', format], await environmentOf(database));
    const said = text(child.stderr);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await once(child, 'close');
    expect([child.exitCode, child.signalCode, await said]).toEqual([0, null, '']);
  });

  test.each(['export', 'verify'])('%s of an unknown account says so', async (action) => {
    expect(await run(action, 'u_nobody')).toEqual({ code: 1, stdout: '', stderr: 'there is no account u_nobody\n' });
  });

  test('a missing table is named', async () => {
    const environment = { ...(await environmentOf(database)), LEDGER_TABLE: 'Nothing' };
    const { code, stderr } = await runLedger(['export', await ledgerOfFour()], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^DynamoDB refuses: ResourceNotFoundException: [^\n]*\n$/);
  });
});

describe('npm run ledger says in one line that it lacks', () => {
  const tables = { ACCOUNTS_TABLE: 'a', LEDGER_TABLE: 'l' };
  const keys = { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' };
  const nowhere = { AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' };

  test.each([
    ['a local cloud', { PORT: '9' }, /^there is no local cloud at http:\/\/127\.0\.0\.1:9: start it by npm run dev/],
    ['a place for it', { PORT: '0' }, /^PORT 0 is no place/],
    ['a port that is one', { PORT: 'http' }, /^PORT is not a port number/],
    ['both tables', { ACCOUNTS_TABLE: 'a' }, /^ACCOUNTS_TABLE and LEDGER_TABLE go together/],
    ['a region', { ...tables, ...keys }, /^Region is missing: /],
    ['credentials', { ...tables, AWS_REGION: 'us-east-1' }, /^Could not load credentials from any providers: /],
    ['a database', { ...tables, ...keys, ...nowhere }, /^the database does not answer: .*ECONNREFUSED/],
  ])('%s', async (_, environment, message) => {
    const { code, stdout, stderr } = await runLedger(['verify', 'u_1'], environment);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a command, with its usage', async () => {
    const { code, stderr } = await runLedger(['export', 'u_1', '--colour'], {});
    expect(code).toBe(1);
    expect(stderr).toContain("Unknown option '--colour'");
    expect(stderr).toContain('npm run --silent ledger -- export <account> [--format jsonl|csv]');
  });

  test('nothing, when it is asked for help', async () => {
    const { code, stdout } = await runLedger(['--help'], {});
    expect(code).toBe(0);
    expect(stdout).toContain('verify <account>');
  });
});
