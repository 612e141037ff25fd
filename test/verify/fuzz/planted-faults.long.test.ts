import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import type { ApiEvent, ApiResult } from '../../../shared/api/http.ts';
import { tableName } from '../../../shared/store/database.ts';
import { anyDatabase } from '../../engines/engines.ts';
import { FuzzFailed, fuzz } from './fuzz.ts';
import { type Handler, startInProcess } from './in-process.ts';
import { withOwnTables } from './own-tables.ts';
import type { PropertyName } from './properties.ts';

const database = await withOwnTables(anyDatabase());
afterAll(() => database.client.destroy());

/** Changes what the functions answer. */
type Fault = (event: ApiEvent, result: ApiResult) => ApiResult | Promise<ApiResult>;

const transaction_schema = z.object({ entry_id: z.string(), account_id: z.string() });
const members = z.record(z.string(), z.unknown());

function withBody(result: ApiResult, change: (body: Record<string, unknown>) => object): ApiResult {
  return { ...result, body: JSON.stringify(change(members.parse(JSON.parse(result.body ?? '{}')))) };
}

const json = { 'content-type': 'application/json' };

const is = (event: ApiEvent, route: string) => event.routeKey.endsWith(route);

/** Answers somebody else's transaction where it has none of its own. */
function leak(): Fault {
  let last: ApiResult | undefined;
  return (event, result) => {
    if (!is(event, '/credits/transactions/{entry_id}')) return result;
    if (result.statusCode === 200) last = result;
    return result.statusCode === 404 ? (last ?? result) : result;
  };
}

const faults: [string, PropertyName, () => Fault][] = [
  [
    'a handler that fails for amounts beyond 32 bits',
    'never a 5xx',
    () => (event, result) =>
      is(event, '/credits/deduct') && /"amount":\d{11}/.test(event.body ?? '')
        ? { ...result, statusCode: 500 }
        : result,
  ],
  [
    'a status that nobody documented',
    'a documented status',
    () => (_, result) => (result.statusCode === 409 ? { ...result, statusCode: 410 } : result),
  ],
  [
    'a field that nobody documented',
    'a documented body',
    () => (event, result) =>
      is(event, 'GET /api/credits') ? withBody(result, (body) => ({ ...body, internal_version: 7 })) : result,
  ],
  [
    'an amount as text',
    'a documented body',
    () => (event, result) =>
      is(event, '/credits/check') && result.statusCode === 200
        ? withBody(result, (body) => ({ ...body, required: String(body.required) }))
        : result,
  ],
  [
    'a refusal that does not say what of',
    'a problem that names itself',
    () => (_, result) =>
      result.statusCode === 400
        ? withBody(result, (body) => ({ ...body, ...(body.errors ? { errors: [] } : {}) }))
        : result,
  ],
  [
    'a body that is taken whatever it is',
    'no success of a body that is not documented',
    () => (event, result) =>
      is(event, '/usage') && event.routeKey.startsWith('POST') && result.statusCode === 400
        ? { statusCode: 201, headers: json, body: '{"feature":"ads","date":"2026-11-23","count":1}' }
        : result,
  ],
  ['a transaction of another account', 'nothing of another account', leak],
  [
    'the token in a problem',
    'no secret in the answer',
    () => (event, result) =>
      result.statusCode === 404
        ? withBody(result, (body) => ({ ...body, detail: `${event.headers.authorization}: not found` }))
        : result,
  ],
  [
    'the request in the log',
    'no secret in the log',
    () => (event, result) => {
      if (result.statusCode === 400) process.stdout.write(`${JSON.stringify(event)}\n`);
      return result;
    },
  ],
  [
    'an entry that is changed afterwards',
    'a ledger that verifies',
    () => async (event, result) => {
      if (!is(event, 'POST /api/credits/deduct') || result.statusCode !== 200) return result;
      const { account_id, entry_id } = transaction_schema.parse(JSON.parse(result.body ?? ''));
      await database.client.send(
        new UpdateCommand({
          TableName: tableName(database, 'ledger'),
          Key: { account_id, entry_id },
          UpdateExpression: 'ADD amount :one',
          ExpressionAttributeValues: { ':one': 1 },
        }),
      );
      return result;
    },
  ],
];

function startWith(plant: () => Fault) {
  const fault = plant();
  const wrap =
    (handler: Handler): Handler =>
    async (event, context) =>
      fault(event, await handler(event, context));
  return startInProcess({ database, wrap });
}

test.each(faults)('the run finds %s: %s', async (_, property, plant) => {
  const api = await startWith(plant);
  try {
    const found = await fuzz(api, { requests: 4_000, seed: 1, shrinks: false }).catch((error: unknown) => error);
    expect(found).toBeInstanceOf(FuzzFailed);
    expect(found).toMatchObject({ violation: { property } });
  } finally {
    await api.close();
  }
});

test('a finding is reported by its seed and as few requests as it takes', async () => {
  const api = await startWith(
    () => (event, result) => (is(event, '/credits/check') ? { ...result, statusCode: 500 } : result),
  );
  try {
    const found = await fuzz(api, { requests: 4_000, seed: 1 }).catch((error: unknown) => error);
    expect(found).toBeInstanceOf(FuzzFailed);
    const [what, ...rest] = String(found).split('\n');
    expect(what).toContain('never a 5xx: the status is 500');
    expect(rest.find((line) => line.startsWith('after'))).toMatch(
      /seed (\d+) \(npm run fuzz -- --requests 1 --seed \1 /,
    );
    expect(rest.filter((line) => line.startsWith('{'))).toHaveLength(1);
  } finally {
    await api.close();
  }
});
