import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { chooseEngine, type DatabaseKind, missingEngine, startDatabase } from '../src/database.ts';
import { createTables, tableVariables } from '../src/tables.ts';
import { smallTemplate } from './small-template.ts';

const engines = (['dynoxide', 'memory'] as const).filter((engine) => missingEngine(engine) === null);

async function answers(endpoint: string): Promise<boolean> {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}

describe.each(engines)('the database %s', (engine) => {
  it('starts, gets the template’s tables, and stops', async () => {
    const database = await startDatabase(engine);
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
      const { endpoint } = await startDatabase('${engine}');
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
    const script = `const { startDatabase } = await import(${JSON.stringify(module_url)}); await startDatabase('${engine}');`;
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

describe('where no engine is asked for', () => {
  const nowhere = { installed: () => null, runs: () => false };

  it('dynoxide of the packages runs, else the one of the PATH, else the in-memory DynamoDB', () => {
    const installed = { installed: () => '/packages/dynoxide', runs: () => true };
    expect(chooseEngine(installed)).toEqual({ kind: 'dynoxide', reason: 'installed with the packages' });
    expect(chooseEngine({ ...nowhere, runs: (command) => command === 'dynoxide' })).toEqual({
      kind: 'dynoxide',
      reason: 'found on the PATH',
    });
    expect(chooseEngine(nowhere)).toEqual({
      kind: 'memory',
      reason: `no dynoxide for ${process.platform}-${process.arch} is installed or on the PATH`,
    });
  });

  it('one that is asked for and is not there says what to do', () => {
    expect(missingEngine('dynoxide', nowhere)).toMatch(/^no dynoxide for/);
    expect(missingEngine('memory', nowhere)).toBeNull();
  });
});
