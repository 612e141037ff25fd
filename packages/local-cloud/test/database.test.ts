import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { type DatabaseKind, missingEngine, startDatabase } from '../src/database.ts';
import { createTables, tableVariables } from '../src/tables.ts';
import { smallTemplate } from './small-template.ts';

const is_missing = missingEngine('dynoxide') !== null && missingEngine('dynamodb-local') !== null;

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}

describe.skipIf(is_missing)('the database', () => {
  it('starts, gets the template’s tables, and stops', async () => {
    const database = await startDatabase('dynoxide');
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    const client = new DynamoDBClient({ endpoint: database.endpoint, region: 'us-east-1', credentials });
    const template = smallTemplate('https://issuer');
    const names = await createTables(template, client);
    expect(names).toEqual({ NotesTableD925BC7E: 'NotesTable' });
    expect(tableVariables(template)).toEqual({ NOTES_TABLE: 'NotesTable' });
    // Once more, as when an endpoint outlives this process.
    await createTables(template, client);
    const { Table } = await client.send(new DescribeTableCommand({ TableName: 'NotesTable' }));
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName)).toEqual(['by_due']);
    const ttl = await client.send(new DescribeTimeToLiveCommand({ TableName: 'NotesTable' }));
    expect(ttl.TimeToLiveDescription?.AttributeName).toBe('expires_at');
    client.destroy();
    await database.close();
    expect(await answers(database.endpoint)).toBe(false);
  });

  it('ends with the process that started it, even if that is killed', async () => {
    const module_url = new URL('../src/database.ts', import.meta.url).href;
    const script = `const { startDatabase } = await import(${JSON.stringify(module_url)});
      const { endpoint } = await startDatabase('dynoxide');
      process.stdout.write(endpoint);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [endpoint] = await once(child.stdout, 'data');
    expect(await answers(String(endpoint))).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => answers(String(endpoint)), { timeout: 10_000 }).toBe(false);
  });

  it('keeps no process alive that has nothing else to do', async () => {
    const module_url = new URL('../src/database.ts', import.meta.url).href;
    const script = `const { startDatabase } = await import(${JSON.stringify(module_url)}); await startDatabase('dynoxide');`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

it('an endpoint that runs already is used as it is', async () => {
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const endpoint: DatabaseKind = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  expect(await startDatabase(endpoint)).toMatchObject({ kind: endpoint, endpoint, pid: null });
  await new Promise((resolve) => server.close(resolve));
});
