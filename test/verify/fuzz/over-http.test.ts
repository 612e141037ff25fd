import { expect, test } from 'vitest';
import { startDevSystem } from '../../e2e/dev-system.ts';
import { fuzz } from './fuzz.ts';
import { overHttp } from './over-http.ts';

test('the local system answers any bytes as the OpenAPI document says', async () => {
  const system = await startDevSystem({ LOG: '1' });
  const api = overHttp(system);
  try {
    const tally = await fuzz(api, { requests: 400, seed: 1 });
    expect(tally.requests).toBeGreaterThanOrEqual(400);
    expect([...tally.statuses.keys()]).toEqual(expect.arrayContaining([200, 201, 400, 401, 403, 404, 409]));
    expect(system.output()).toContain('"route_key":"GET /api/credits"');
  } finally {
    await api.close();
  }
});
