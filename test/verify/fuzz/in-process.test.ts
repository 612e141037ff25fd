import { afterAll, expect, test } from 'vitest';
import { anyDatabase } from '../../engines/engines.ts';
import { fuzz } from './fuzz.ts';
import { startInProcess } from './in-process.ts';
import { withOwnTables } from './own-tables.ts';

const database = await withOwnTables(anyDatabase());
afterAll(() => database.client.destroy());

test('functions answer any request as the OpenAPI document says, and tell nothing of other accounts', async () => {
  const api = await startInProcess({ database });
  try {
    const tally = await fuzz(api, { requests: 4_000, seed: 1 });
    expect(tally.requests).toBeGreaterThanOrEqual(4_000);
    // It has been everywhere: a fuzz whose requests are all refused for the same reason proves
    // nothing.
    expect(tally.operations.size).toBe(49);
    expect(tally.neverSucceeded()).toEqual([]);
    const statuses = [200, 201, 202, 400, 401, 402, 403, 404, 409, 413, 422];
    expect(new Set(tally.statuses.keys())).toEqual(new Set(statuses));
  } finally {
    await api.close();
  }
});

test('the run sees what the functions write', async () => {
  const api = await startInProcess({ database });
  try {
    await api.send({ method: 'GET', target: '/api/health', headers: [], body: Buffer.alloc(0) });
    expect(api.takeLog()).toContain('"route_key":"GET /api/health"');
  } finally {
    await api.close();
  }
});
