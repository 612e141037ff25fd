import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { composeWith } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { balance_max } from '../../../shared/domain/units.ts';
import { captureLog, service_claims } from '../../api/events.ts';
import { anyDatabase, freshAccountId, test_now } from '../../engines/engines.ts';
import { AccountCaller, isReplay } from './account-caller.ts';

const database = anyDatabase();
const newFunction = (now = test_now) => creditsApi(composeWith({ database, clock: () => now }));
const handler = newFunction();
const newAccount = () => new AccountCaller(handler, freshAccountId());

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => database.client.destroy());

describe('grant', () => {
  test('adds a bonus lot with its expiry and priority, and repeats its answer byte for byte', async () => {
    const account = newAccount();
    const body = { amount: 40, expires_at: '2026-12-01T00:00:00Z', priority: 10 };
    const granted = await account.grant(body, 'g1');
    expect(granted).toMatchObject({
      status: 201,
      body: {
        entry_id: 'grant:g1',
        transaction_type: 'bonus',
        amount: 40,
        balance_after: 140,
        description: 'a gift',
        lots: [{ kind: 'bonus', amount: 40 }],
        actor: service_claims.sub,
      },
    });
    const again = await account.grant({ ...body, expires_at: '2026-12-01T00:00:00.000Z' }, 'g1');
    expect(again.text).toBe(granted.text);
    expect(isReplay(again)).toBe(true);
    expect(await account.grant({ ...body, priority: 50 }, 'g1')).toMatchObject({ status: 422 });
    expect((await account.balance()).lots).toMatchObject([
      { kind: 'bonus', remaining: 40, priority: 10, expires_at: '2026-12-01T00:00:00.000Z' },
      { kind: 'monthly', remaining: 100, priority: 50 },
    ]);
    expect((await account.deduct(50)).body.lots).toMatchObject([
      { kind: 'bonus', amount: -40 },
      { kind: 'monthly', amount: -10 },
    ]);
  });

  test('with priority 50 spelt out is the same request as without', async () => {
    const account = newAccount();
    const granted = await account.grant({ amount: 1 }, 'g1');
    expect((await account.grant({ amount: 1, priority: 50 }, 'g1')).text).toBe(granted.text);
    expect((await account.balance()).lots).toMatchObject([{}, { priority: 50, expires_at: null }]);
  });

  test('with an expiry is gone at that moment', async () => {
    const account = newAccount();
    await account.grant({ amount: 40, expires_at: '2026-11-24T00:00:00Z' });
    const available = async (iso: string) =>
      (await account.at(newFunction(Date.parse(iso))).balance()).available_credits;
    expect(await available('2026-11-23T23:59:59.999Z')).toBe(140);
    expect(await available('2026-11-24T00:00:00.000Z')).toBe(100);
  });

  test.each(['2026-11-23T10:00:00Z', '2020-01-01T00:00:00Z', '0000-01-01T00:00:00Z'])(
    'that would expire at %s is a 400',
    async (expires_at) => {
      expect(await newAccount().grant({ amount: 1, expires_at })).toMatchObject({
        status: 400,
        body: { code: 'validation_failed', errors: [{ path: 'body.expires_at' }] },
      });
    },
  );

  test('beyond what an account can be given is a 400, and uses up no key', async () => {
    const account = newAccount();
    expect(await account.grant({ amount: balance_max }, 'g1')).toMatchObject({
      status: 400,
      body: { code: 'validation_failed', errors: [{ path: 'body.amount' }] },
    });
    expect((await account.grant({ amount: balance_max - 100 }, 'g1')).body.balance_after).toBe(balance_max);
    expect(await account.grant({ amount: 1 })).toMatchObject({ status: 400 });
    expect(await account.verified()).toMatchObject({ ok: true, balance: balance_max });
  });

  test('beyond a hundred with credits left is a 409', async () => {
    const account = newAccount();
    const answers = await Promise.all(Array.from({ length: 101 }, () => account.grant({ amount: 1, priority: 0 })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(100);
    expect(answers.filter(({ status }) => status === 409)).toMatchObject([{ body: { code: 'too_many_lots' } }]);
    await account.deduct(1);
    expect(await account.grant({ amount: 1 })).toMatchObject({ status: 201 });
  });
});

describe('refund', () => {
  test('of a charge goes back to the lots it came from, and repeats its answer byte for byte', async () => {
    const account = newAccount();
    await account.grant({ amount: 40, priority: 10 });
    const { body: charge } = await account.deduct(60, 'd1', { feature: 'basic_posts' });
    const refunded = await account.refund({ entry_id: charge.entry_id }, 'r1');
    expect(refunded).toMatchObject({
      status: 201,
      body: {
        entry_id: 'refund:r1',
        transaction_type: 'refund',
        amount: 60,
        balance_after: 140,
        description: 'refund: a draft',
        refunds: 'use:d1',
        lots: [
          { kind: 'monthly', amount: 20 },
          { kind: 'bonus', amount: 40 },
        ],
      },
    });
    const again = await account.refund({ entry_id: charge.entry_id }, 'r1');
    expect(again.text).toBe(refunded.text);
    expect(isReplay(again)).toBe(true);
    expect(await account.refund({ entry_id: charge.entry_id, amount: 60 }, 'r1')).toMatchObject({ status: 422 });
    expect(await account.refund({ entry_id: charge.entry_id }, 'r2')).toMatchObject({
      status: 409,
      body: { code: 'refund_exceeds_charge', refundable_credits: 0 },
    });
    expect(await account.balance()).toMatchObject({ used_credits: 0, bonus_credits: 40, available_credits: 140 });
    expect(await account.verified()).toMatchObject({ ok: true, balance: 140 });
  });

  test('may come in parts, never more than the charge in total', async () => {
    const account = newAccount();
    const { entry_id } = (await account.deduct(50)).body;
    expect((await account.refund({ entry_id, amount: 20, description: 'half of it was bad' })).body).toMatchObject({
      amount: 20,
      description: 'half of it was bad',
    });
    expect(await account.refund({ entry_id, amount: 31 })).toMatchObject({
      status: 409,
      body: { code: 'refund_exceeds_charge', refundable_credits: 30 },
    });
    const answers = await Promise.all(Array.from({ length: 10 }, () => account.refund({ entry_id, amount: 7 })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(4);
    expect((await account.refund({ entry_id })).body.amount).toBe(2);
    expect(await account.balance()).toMatchObject({ available_credits: 100 });
  });

  test('of a settlement gives back what was charged', async () => {
    const account = newAccount();
    const hold_id = await account.held(60);
    const { body: settled } = await account.settle(hold_id, { amount: 45 });
    expect((await account.refund({ entry_id: settled.entry_id })).body).toMatchObject({
      amount: 45,
      refunds: `settle:${hold_id}`,
    });
  });

  test.each<[string, (account: AccountCaller) => Promise<unknown>]>([
    [
      'a refund',
      async (account) => {
        const { entry_id } = (await account.deduct(5)).body;
        return (await account.refund({ entry_id })).body.entry_id;
      },
    ],
    ['a grant', async (account) => (await account.grant({ amount: 5 })).body.entry_id],
    ['a hold', async (account) => `hold:${await account.held(5)}`],
    [
      'the allowance',
      async (account) => {
        await account.balance();
        return 'reset:2026-11-23T10:00:00.000Z';
      },
    ],
  ])('of %s gives nothing back: 409', async (_, make) => {
    const account = newAccount();
    const entry_id = await make(account);
    expect(await account.refund({ entry_id })).toMatchObject({
      status: 409,
      body: { code: 'refund_exceeds_charge', refundable_credits: 0 },
    });
  });

  test('of a transaction of nobody, or of another account, is a 404', async () => {
    const [alice, bob] = [newAccount(), newAccount()];
    const { entry_id } = (await alice.deduct(5, 'k1')).body;
    expect(await bob.refund({ entry_id })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await bob.refund({ entry_id: 'use:none' })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await bob.verified()).toMatchObject({ ok: true });
  });

  test('that was refused does not use up its key: it succeeds once there is a charge', async () => {
    const account = newAccount();
    expect((await account.refund({ entry_id: 'use:k1' }, 'r1')).status).toBe(404);
    await account.deduct(5, 'k1');
    expect((await account.refund({ entry_id: 'use:k1' }, 'r1')).status).toBe(201);
  });
});
