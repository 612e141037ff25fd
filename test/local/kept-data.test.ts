import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LocalCloud, startLocalCloud } from '../../local/cloud.ts';
import { Client } from '../e2e/client.ts';
import { wanted_database } from '../engines/wanted-database.ts';

let folder: string;
let cloud: LocalCloud | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kept-data-'));
});

afterAll(async () => {
  await cloud?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<{ running: LocalCloud; client: Client }> {
  const state_file = join(folder, 'data', 'state.jsonl');
  const running = await startLocalCloud({
    port: 0,
    stripe_port: 0,
    database: wanted_database,
    stripe: null,
    state_file,
  });
  cloud = running;
  return { running, client: new Client(running) };
}

/** Two starts of the whole system. */
const patience = { timeout: 300_000 };

test('a local cloud that is started again goes on with accounts, subscriptions, clock and keys', patience, async () => {
  const { running: first, client } = await start();
  const token = await client.token('ada');
  await client.buy('pro', token);
  await client.post(
    '/api/accounts/ada/credits/deduct',
    { amount: 10, description: 'Before' },
    await client.serviceToken(),
  );
  await client.advance('P10D');
  const before = await client.get('/api/credits', token);
  const ahead_ms = first.clock.ahead_ms;
  const keys = first.issuer.jwks();
  await first.close();

  const { running: second, client: again } = await start();
  expect(second.clock.ahead_ms).toBe(ahead_ms);
  expect(second.issuer.jwks()).toEqual(keys);
  const other_token = await again.token('ada');
  expect((await again.get('/api/credits', other_token)).body).toEqual(before.body);
  const service = await again.serviceToken();
  expect((await again.get('/api/accounts/ada/verify', service)).body).toMatchObject({ ok: true, balance: 990 });
  // Stripe goes on as well: the subscription is renewed, and its webhooks find the account.
  await again.advance('P1M');
  await again.advance('PT2H');
  expect((await again.get('/api/credits', other_token)).body).toMatchObject({ plan: 'pro', available_credits: 1000 });
});
