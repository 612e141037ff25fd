import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccountOverHttp } from './account-over-http.ts';
import { type Answer, Client } from './client.ts';
import { type DevSystem, startDevSystem } from './dev-system.ts';

let system: DevSystem;
let client: Client;

beforeAll(async () => {
  system = await startDevSystem();
  client = new Client(system);
});

afterAll(async () => {
  await system.stop();
});

const newAccount = () => AccountOverHttp.open(client);
const isReplay = ({ headers }: Answer) => headers.get('idempotency-replayed') === 'true';
const refusal = (status: number, code: string, members: object = {}) => ({ status, body: { code, ...members } });

describe('a retry', () => {
  /** Every POST that changes credits, with the first body and another one. */
  const posts: [string, (account: AccountOverHttp) => Promise<[send: Send, other: Send, when_other: object]>][] = [
    [
      'of a deduction',
      async (account) => keyed((amount, key) => account.service('POST /credits/deduct', spend(amount), key)),
    ],
    [
      'of a hold',
      async (account) => keyed((amount, key) => account.service('POST /credits/holds', spend(amount), key)),
    ],
    [
      'of a grant',
      async (account) => keyed((amount, key) => account.service('POST /credits/grants', spend(amount), key)),
    ],
    [
      'of a refund',
      async (account) => {
        const { body } = await account.service('POST /credits/deduct', spend(50));
        const refund = (amount: number) => ({ entry_id: body.entry_id, amount });
        return keyed((amount, key) => account.service('POST /credits/refunds', refund(amount), key));
      },
    ],
    [
      'of a batch',
      async (account) => {
        const items = (amount: number) => ({ items: [{ key: 'one', ...spend(amount) }] });
        return keyed((amount, key) => account.service('POST /credits/deduct-batch', items(amount), key));
      },
    ],
    [
      'of a settlement',
      async (account) => {
        const hold_id = await account.held(20);
        const settle = (amount: number) => account.service(`POST /credits/holds/${hold_id}/settle`, { amount });
        return [() => settle(5), () => settle(6), refusal(409, 'hold_closed')];
      },
    ],
    [
      'of a release',
      async (account) => {
        const hold_id = await account.held(20);
        return [
          () => account.service(`POST /credits/holds/${hold_id}/release`, {}),
          () => account.service(`POST /credits/holds/${hold_id}/settle`, { amount: 1 }),
          refusal(409, 'hold_closed'),
        ];
      },
    ],
  ];
  type Send = () => Promise<Answer>;
  const spend = (amount: number) => ({ amount, description: 'x' });
  function keyed(post: (amount: number, key: string) => Promise<Answer>): [Send, Send, object] {
    return [() => post(5, 'k1'), () => post(6, 'k1'), refusal(422, 'idempotency_key_reused')];
  }

  test.each(posts)(
    'of %s gets the first answer byte for byte, at once and in parallel; another body is refused',
    async (_, make) => {
      const account = await newAccount();
      const [send, other, when_other] = await make(account);
      const first = await send();
      expect(first.status).toBeLessThan(300);
      expect(isReplay(first)).toBe(false);
      const before = await account.balance();
      for (const again of await Promise.all(Array.from({ length: 10 }, send))) {
        expect(again.status).toBe(first.status);
        expect(again.text).toBe(first.text);
        expect(isReplay(again)).toBe(true);
      }
      expect(await other()).toMatchObject(when_other);
      expect(await account.balance()).toEqual(before);
      expect(await account.verified()).toMatchObject({ ok: true });
    },
  );

  test('a month later still gets the first answer byte for byte', async () => {
    const account = await newAccount();
    const made = await Promise.all(
      posts.map(async ([, make], index) => {
        const one = index === 0 ? account : await newAccount();
        const [send] = await make(one);
        return { send, first: await send() };
      }),
    );
    await client.advance('P1M');
    for (const { send, first } of made) expect((await send()).text).toBe(first.text);
  });
});

describe('holds', () => {
  test('set credits aside; a settlement charges what was used and frees the rest', async () => {
    const account = await newAccount();
    const opened = await account.service('POST /credits/holds', { amount: 80, description: 'a film', expires_in: 600 });
    expect(opened).toMatchObject({ status: 201, body: { amount: 80, status: 'open' } });
    const hold_id = String(opened.body.hold_id);
    expect(await account.balance()).toMatchObject({ held_credits: 80, available_credits: 20 });
    expect(await account.service('POST /credits/deduct', { amount: 21, description: 'x' })).toMatchObject(
      refusal(402, 'insufficient_credits', { required: 21, available_credits: 20 }),
    );
    expect((await account.user('GET /credits/check?amount=21')).body).toMatchObject({ allowed: false });
    expect((await account.user('GET /credits/holds')).body.data).toMatchObject([{ hold_id, description: 'a film' }]);
    expect(await account.service(`POST /credits/holds/${hold_id}/settle`, { amount: 101 })).toMatchObject(
      refusal(402, 'insufficient_credits', { required: 21, available_credits: 20 }),
    );
    expect(await account.service(`POST /credits/holds/${hold_id}/settle`, { amount: 33 })).toMatchObject({
      status: 200,
      body: { entry_id: `settle:${hold_id}`, amount: -33, balance_after: 67, hold_id },
    });
    expect(await account.balance()).toMatchObject({ held_credits: 0, available_credits: 67, used_credits: 33 });
    expect(await account.service(`POST /credits/holds/${hold_id}/release`)).toMatchObject(refusal(409, 'hold_closed'));
    expect(await account.verified()).toMatchObject({ ok: true, balance: 67 });
  });

  test('that are released are free and cannot be settled; an unknown one is a 404', async () => {
    const account = await newAccount();
    const hold_id = await account.held(80);
    expect(await account.service(`POST /credits/holds/${hold_id}/release`)).toMatchObject({
      status: 200,
      body: { hold_id, status: 'released' },
    });
    expect(await account.service(`POST /credits/holds/${hold_id}/settle`, { amount: 1 })).toMatchObject(
      refusal(409, 'hold_closed'),
    );
    expect(await account.balance()).toMatchObject({ held_credits: 0, available_credits: 100 });
    expect(await account.service('POST /credits/holds/nothing/settle', { amount: 1 })).toMatchObject(
      refusal(404, 'not_found'),
    );
    expect(await account.service('POST /credits/holds/nothing/release')).toMatchObject(refusal(404, 'not_found'));
  });

  test('expire by themselves', async () => {
    const account = await newAccount();
    const [short, long] = [await account.held(30, { expires_in: 60 }), await account.held(30, { expires_in: 7_200 })];
    await client.advance('PT1H');
    expect((await account.user('GET /credits/holds')).body.data).toMatchObject([{ hold_id: long }]);
    expect(await account.balance()).toMatchObject({ held_credits: 30, available_credits: 70 });
    expect(await account.service(`POST /credits/holds/${short}/settle`, { amount: 1 })).toMatchObject(
      refusal(409, 'hold_closed'),
    );
    await client.advance('PT2H');
    const { body } = await account.user('GET /credits/transactions?type=release');
    expect(body.data).toMatchObject([
      { entry_id: `release:${long}`, actor: 'system', held_credits: 30 },
      { entry_id: `release:${short}`, actor: 'system', held_credits: 30 },
    ]);
    expect(await account.verified()).toMatchObject({ ok: true, balance: 100 });
  });

  test('of 75, twenty at once on 500 credits: exactly six succeed', async () => {
    const account = await newAccount();
    await account.service('POST /credits/grants', { amount: 400, description: 'x' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => account.service('POST /credits/holds', { amount: 75, description: 'x' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(6);
    expect(await account.balance()).toMatchObject({ held_credits: 450, available_credits: 50 });
  });

  test('on an unlimited plan pin nothing, and their settlement is covered', async () => {
    const account = await newAccount();
    await client.buy('ultimate', await client.token(account.account_id));
    const hold_id = await account.held(1_000_000);
    expect(await account.balance()).toMatchObject({ unlimited: true, held_credits: 0, available_credits: null });
    const settled = await account.service(`POST /credits/holds/${hold_id}/settle`, { amount: 2_000_000 });
    expect(settled.body).toMatchObject({ amount: 0, covered_by: 'unlimited', covered_credits: 2_000_000, hold_id });
    const refunded = await account.service('POST /credits/refunds', { entry_id: `settle:${hold_id}` });
    expect(refunded).toMatchObject({ status: 201, body: { amount: 0, covered_credits: 2_000_000 } });
    expect(await account.balance()).toMatchObject({ used_credits: 0 });
    expect(await account.verified()).toMatchObject({ ok: true });
  });
});

describe('grants and refunds', () => {
  test('a spent bonus comes back with its refund, not with the reset', async () => {
    const account = await newAccount();
    const granted = await account.service('POST /credits/grants', { amount: 50, description: 'a gift', priority: 0 });
    expect(granted).toMatchObject({ status: 201, body: { transaction_type: 'bonus', amount: 50 } });
    const { body: charge } = await account.service('POST /credits/deduct', { amount: 80, description: 'x' });
    expect(charge.lots).toMatchObject([
      { kind: 'bonus', amount: -50 },
      { kind: 'monthly', amount: -30 },
    ]);
    await client.advance('P1M');
    await client.advance('PT2H');
    expect(await account.balance()).toMatchObject({ bonus_credits: 0, available_credits: 100 });
    const { entry_id } = charge;
    expect(await account.service('POST /credits/refunds', { entry_id, amount: 81 })).toMatchObject(
      refusal(409, 'refund_exceeds_charge', { refundable_credits: 80 }),
    );
    // The last spent comes back first: 30 to last month's allowance, which is over, and 10 to the
    // bonus.
    const part = await account.service('POST /credits/refunds', { entry_id, amount: 40, description: 'sorry' });
    expect(part).toMatchObject({ status: 201, body: { amount: 40, refunds: entry_id, description: 'sorry' } });
    expect(await account.balance()).toMatchObject({ bonus_credits: 10, available_credits: 110 });
    expect((await account.service('POST /credits/refunds', { entry_id })).body).toMatchObject({ amount: 40 });
    expect(await account.balance()).toMatchObject({ bonus_credits: 50, available_credits: 150 });
    expect(await account.service('POST /credits/refunds', { entry_id: part.body.entry_id })).toMatchObject(
      refusal(409, 'refund_exceeds_charge', { refundable_credits: 0 }),
    );
    expect(await account.service('POST /credits/refunds', { entry_id: 'use:none' })).toMatchObject(
      refusal(404, 'not_found'),
    );
    expect(await account.verified()).toMatchObject({ ok: true, balance: 150 });
  });
});

describe('a batch of deductions', () => {
  test('books each item that it can', async () => {
    const account = await newAccount();
    const items = [
      { key: 'a', amount: 70, description: 'x', feature: 'ads' },
      { key: 'b', amount: 40, description: 'x' },
      { key: 'a', amount: 70, description: 'x', feature: 'ads' },
      { key: 'a', amount: 1, description: 'x' },
      { key: 'c', amount: 30, description: 'x' },
    ];
    const answer = await account.service('POST /credits/deduct-batch', { items });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        results: [
          { key: 'a', transaction: { amount: -70, balance_after: 30 } },
          { key: 'b', problem: { status: 402, code: 'insufficient_credits', required: 40, available_credits: 30 } },
          { key: 'a', transaction: { amount: -70, balance_after: 30 } },
          { key: 'a', problem: { status: 422, code: 'idempotency_key_reused' } },
          { key: 'c', transaction: { amount: -30, balance_after: 0 } },
        ],
      },
    });
    expect((await account.user('GET /usage?feature=ads')).body.totals).toMatchObject([{ count: 1, credits: 70 }]);
    expect(await account.verified()).toMatchObject({ ok: true, entries: 3, balance: 0 });
  });
});

describe('a feature override', () => {
  test('wins over the plan until it expires', async () => {
    const account = await newAccount();
    const { now } = (await client.get('/_local/clock')).body;
    const expires_at = new Date(Date.parse(String(now)) + 86_400_000).toISOString();
    expect(await account.service('PUT /features/ads', { allowed: true, expires_at })).toMatchObject({
      status: 200,
      body: { feature: 'ads', allowed: true, expires_at },
    });
    expect((await account.user('GET /features/ads')).status).toBe(200);
    await account.service('PUT /features/analytics', { allowed: false });
    expect(await account.user('GET /features/analytics')).toMatchObject(
      refusal(403, 'feature_not_in_plan', { required_plans: [] }),
    );
    expect((await account.user('GET /features')).body.features).toEqual(['basic_posts', 'ads']);
    await client.advance('P1D');
    expect((await account.user('GET /features/ads')).status).toBe(403);
    expect((await account.service('DELETE /features/analytics')).body).toEqual({
      feature: 'analytics',
      allowed: null,
      expires_at: null,
    });
    expect((await account.user('GET /features/analytics')).status).toBe(200);
  });
});

describe('a user’s token', () => {
  test.each<[string, object]>([
    ['POST /credits/deduct', { amount: 1, description: 'x' }],
    ['POST /credits/grants', { amount: 1_000, description: 'x' }],
    ['POST /credits/refunds', { entry_id: 'use:k' }],
    ['POST /credits/deduct-batch', { items: [{ key: 'k', amount: 1, description: 'x' }] }],
    ['PUT /features/ads', { allowed: true }],
    ['DELETE /features/ads', {}],
    ['PUT /members/somebody/cap', { monthly_credits: 1 }],
    ['DELETE /members/somebody/cap', {}],
  ])('gets 403 on %s, even for its own account', async (route, body) => {
    const account = await newAccount();
    await account.service('POST /credits/deduct', { amount: 1, description: 'x' }, 'k');
    const before = await account.balance();
    expect(await account.intruder(route, body)).toMatchObject(refusal(403, 'forbidden'));
    expect(await account.balance()).toEqual(before);
  });

  test.each<[string, object]>([
    ['POST /credits/deduct', { amount: 1, description: 'x' }],
    ['POST /credits/holds', { amount: 1, description: 'x' }],
    ['POST /credits/holds/{hold_id}/settle', { amount: 0 }],
    ['POST /credits/holds/{hold_id}/release', {}],
    ['POST /usage', { feature: 'ads' }],
  ])('does not spend: %s is 403, and says how to', async (route, body) => {
    const account = await newAccount();
    const hold_id = await account.held(75);
    const before = await account.balance();
    const answer = await account.user(route.replace('{hold_id}', hold_id), body);
    expect(answer).toMatchObject(refusal(403, 'spending_by_users_off'));
    expect(answer.body.detail).toContain('spending.by_users');
    expect(await account.balance()).toEqual(before);
  });
});
