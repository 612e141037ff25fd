import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccountOverHttp } from './account-over-http.ts';
import { Client } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

let system: DevSystem;
let account: AccountOverHttp;
let hold_id: string;

beforeAll(async () => {
  system = await startDevSystem();
  account = await AccountOverHttp.open(new Client(system));
  hold_id = await account.held(10);
});

afterAll(async () => {
  await system.stop();
});

/** A route of services, with a body that is right. */
interface Target {
  readonly route: string;
  readonly good: Record<string, unknown>;
}

const spend = { amount: 1, description: 'x' };
const targets: Record<string, Target> = {
  hold: { route: 'POST /credits/holds', good: spend },
  settle: { route: 'POST /credits/holds/{hold_id}/settle', good: { amount: 1 } },
  release: { route: 'POST /credits/holds/{hold_id}/release', good: {} },
  grant: { route: 'POST /credits/grants', good: spend },
  refund: { route: 'POST /credits/refunds', good: { entry_id: 'use:none' } },
  batch: { route: 'POST /credits/deduct-batch', good: { items: [{ key: 'k', ...spend }] } },
  override: { route: 'PUT /features/ads', good: { allowed: true } },
  cap: { route: 'PUT /members/ann/cap', good: { monthly_credits: 1 } },
};

function send({ route }: Target, body: unknown, key?: string) {
  return account.service(route.replace('{hold_id}', hold_id), body, key);
}

async function expectRefusal(target: Target, body: unknown, path: string): Promise<void> {
  const answer = await send(target, body);
  expect(answer, answer.text).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  // With words of its own: a bundle that leaves zod's messages out says "Invalid input" of
  // everything.
  const message = expect.not.stringMatching(/^(|Invalid input)$/);
  expect(answer.body.errors).toEqual(expect.arrayContaining([{ path, message }]));
}

const no_numbers: [string, unknown][] = [
  ['-1', -1],
  ['1.5', 1.5],
  ['2^53', 2 ** 53],
  ['1e38', 1e38],
  ['"1e3"', '1e3'],
  ['"1"', '1'],
  ['null', null],
  ['true', true],
  ['[1]', [1]],
  ['{}', {}],
];
const no_texts: [string, unknown][] = [
  ['empty', ''],
  ['501 characters', 'x'.repeat(501)],
  ['a control character', 'a\u0000b'],
  ['half a surrogate pair', '\ud83d'],
  ['a number', 7],
  ['null', null],
];

describe('a bad amount', () => {
  const amounts: [name: string, field: string, allows_none: boolean][] = [
    ['hold', 'amount', false],
    ['hold', 'expires_in', false],
    ['settle', 'amount', true],
    ['grant', 'amount', false],
    ['grant', 'priority', true],
    ['refund', 'amount', false],
    ['cap', 'monthly_credits', true],
  ];
  const cases = amounts.flatMap(([name, field, allows_none]) =>
    [...no_numbers, ...(allows_none ? [] : [['0', 0] as const])].map(
      ([said, value]) => [name, field, said, value] as const,
    ),
  );

  test.each(cases)('in %s: %s %s is a 400 that names it', async (name, field, _, value) => {
    const target = targetOf(name);
    await expectRefusal(target, { ...target.good, [field]: value }, `body.${field}`);
  });

  test.each([...no_numbers, ['0', 0] as const])(
    'in an item of a batch: %s is a 400 that names it',
    async (_, amount) => {
      const items = [
        { key: 'a', ...spend },
        { key: 'b', ...spend, amount },
      ];
      await expectRefusal(targetOf('batch'), { items }, 'body.items.1.amount');
    },
  );
});

describe('another bad field', () => {
  test.each<[string, object, string]>([
    ['hold', { expires_in: 86_401 }, 'body.expires_in'],
    ['hold', { feature: 'a b' }, 'body.feature'],
    ['hold', { feature: '__proto__' }, 'body.feature'],
    ['settle', { if_insufficient: 'whatever' }, 'body.if_insufficient'],
    ['settle', { if_insufficient: null }, 'body.if_insufficient'],
    ['settle', { if_insufficient: 'constructor' }, 'body.if_insufficient'],
    ['grant', { priority: 101 }, 'body.priority'],
    ['grant', { expires_at: 'tomorrow' }, 'body.expires_at'],
    ['grant', { expires_at: 1e38 }, 'body.expires_at'],
    ['grant', { expires_at: null }, 'body.expires_at'],
    ['grant', { expires_at: '2020-01-01T00:00:00Z' }, 'body.expires_at'],
    ['grant', { expires_at: '2999-02-30T00:00:00Z' }, 'body.expires_at'],
    ['grant', { expires_at: '2999-01-01T00:00:00+02:00' }, 'body.expires_at'],
    ['grant', { amount: Number.MAX_SAFE_INTEGER }, 'body.amount'],
    ['refund', { entry_id: '' }, 'body.entry_id'],
    ['refund', { entry_id: 'ü' }, 'body.entry_id'],
    ['refund', { entry_id: 'x'.repeat(601) }, 'body.entry_id'],
    ['refund', { entry_id: null }, 'body.entry_id'],
    ['refund', { entry_id: ['use:k'] }, 'body.entry_id'],
    ['batch', { items: {} }, 'body.items'],
    ['batch', { items: [] }, 'body.items'],
    ['batch', { items: null }, 'body.items'],
    ['batch', { items: [null] }, 'body.items.0'],
    ['batch', { items: [[]] }, 'body.items.0'],
    ['batch', { items: [{ ...spend }] }, 'body.items.0.key'],
    ['batch', { items: [{ key: '', ...spend }] }, 'body.items.0.key'],
    ['batch', { items: [{ key: 'schlüssel', ...spend }] }, 'body.items.0.key'],
    ['batch', { items: [{ key: 'k'.repeat(256), ...spend }] }, 'body.items.0.key'],
    ['batch', { items: [{ key: 1, ...spend }] }, 'body.items.0.key'],
    ['batch', { items: [{ key: 'k', ...spend, more: 1 }] }, 'body.items.0.more'],
    ['batch', { items: Array.from({ length: 41 }, (_, index) => ({ key: `k${index}`, ...spend })) }, 'body.items'],
    ['override', { allowed: 'yes' }, 'body.allowed'],
    ['override', { allowed: 0 }, 'body.allowed'],
    ['override', { expires_at: 'never' }, 'body.expires_at'],
    ['override', { expires_at: '2020-01-01T00:00:00Z' }, 'body.expires_at'],
  ])('%s: %j is a 400 that names it', async (name, changes, path) => {
    const target = targetOf(name);
    await expectRefusal(target, { ...target.good, ...changes }, path);
  });

  test.each(
    ['hold', 'grant', 'refund'].flatMap((name) => no_texts.map(([said, value]) => [name, said, value] as const)),
  )('%s: a description that is %s is a 400', async (name, _, description) => {
    const target = targetOf(name);
    await expectRefusal(target, { ...target.good, description }, 'body.description');
  });
});

const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;

describe.each(Object.entries(targets))('a bad body of %s', (_, target) => {
  test('with an unknown field is a 400', async () => {
    await expectRefusal(target, { ...target.good, currency: 'usd' }, 'body.currency');
  });

  test('with prototype keys is a 400', async () => {
    const { good } = target;
    const inner = JSON.stringify(good).slice(1, -1);
    const after = inner === '' ? '' : `, ${inner}`;
    await expectRefusal(target, `{"__proto__": ${JSON.stringify(good)}${after}}`, 'body.__proto__');
    await expectRefusal(target, `{"constructor": {"prototype": {}}${after}}`, 'body.constructor');
  });

  test.each([
    ['an array', '[1]'],
    ['a number', '1'],
    ['null', 'null'],
    ['text', '"x"'],
    ['no JSON', '{amount: 1}'],
    ['half of one', '{"amount": 1, "descr'],
    ['very deep JSON', deep],
    ['NaN', '{"amount": NaN}'],
  ])('that is %s is a 400', async (__, raw) => {
    await expectRefusal(target, raw, 'body');
  });

  test('that nests deeply in an unknown place is a 400', async () => {
    await expectRefusal(target, `{"x": ${deep}}`, 'body.x');
  });

  test('over 64 KiB is a 413', async () => {
    const answer = await send(target, { ...target.good, x: 'x'.repeat(65 * 1024) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'payload_too_large' } });
  });

  test.runIf(target.route.startsWith('POST'))('with an Idempotency-Key of 256 characters is a 400', async () => {
    expect(await send(target, target.good, 'k'.repeat(256))).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'header.Idempotency-Key' }] },
    });
  });
});

describe('a bad id in the path', () => {
  test.each([
    ['POST /credits/holds/%20/settle', { amount: 1 }],
    ['POST /credits/holds/a%00b/release', {}],
    ['POST /credits/holds/hold%2Fx/release', {}],
    [`POST /credits/holds/${'x'.repeat(65)}/settle`, { amount: 1 }],
    ['PUT /features/UPPER', { allowed: true }],
    ['DELETE /features/__proto__', {}],
    ['PUT /members/%0A/cap', { monthly_credits: 1 }],
    [`GET /members/${'x'.repeat(129)}/cap`, undefined],
  ])('%s is a 400', async (route, body) => {
    const answer = await account.service(route, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test.each(['%E0%A4%A', '%', '__proto__', 'constructor'])('a member called %s is no 5xx', async (member) => {
    const answer = await account.service(`GET /members/${member}/cap`);
    expect(answer.status).toBeLessThan(500);
  });
});

test('the account is unchanged after all this', async () => {
  expect(await account.balance()).toMatchObject({ available_credits: 90, held_credits: 10, bonus_credits: 0 });
  expect((await account.user('GET /features')).body.features).toEqual(['basic_posts', 'analytics']);
  expect((await account.service('GET /members/ann/cap')).body).toMatchObject({ monthly_credits: null });
  expect(await account.verified()).toMatchObject({ ok: true, entries: 2 });
});

function targetOf(name: string): Target {
  const target = targets[name];
  if (target === undefined) throw new Error(`no route ${name}`);
  return target;
}
