import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runLedger } from '../local-ledger/run-ledger.ts';
import { Client, freshUser } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

describe('npm run ledger beside npm run dev', () => {
  let system: DevSystem;
  let client: Client;
  const run = (...args: string[]) => runLedger(args, { PORT: new URL(system.url).port });

  beforeAll(async () => {
    system = await startDevSystem();
    client = new Client(system);
  });
  afterAll(async () => {
    await system.stop();
  });

  test('exports and verifies what was done through the API', async () => {
    const user = freshUser();
    for (const description of ['an image', '=1+1']) {
      await client.deduct(user, 10, description);
    }
    const { code, stdout } = await run('export', user, '--format', 'csv');
    expect(code).toBe(0);
    const amounts = stdout.split('\r\n').map((record) => record.split(',').slice(3, 7));
    expect(amounts).toMatchObject([
      ['transaction_type', 'amount', 'balance_after', 'description'],
      ['reset', '100', '100', expect.any(String)],
      ['usage', '-10', '90', 'an image'],
      ['usage', '-10', '80', "'=1+1"],
      [],
    ]);
    expect(await run('verify', user)).toEqual({ code: 0, stdout: `${user}: ok, 3 entries, balance 80\n`, stderr: '' });
  });

  test('knows no account that the API has not seen', async () => {
    expect(await run('verify', 'nobody')).toMatchObject({ code: 1, stderr: 'there is no account nobody\n' });
  });
});
