import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { composeWith } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { transactions_answer } from '../../../shared/api/credits-answers.ts';
import { verifyLedger } from '../../../shared/store/verify-ledger.ts';
import { type Answer, type Asked, ask, captureLog, service_claims } from '../../api/events.ts';
import { describeOnEngine, freshAccountId, pace, test_now } from '../../engines/engines.ts';

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describeOnEngine('the credits function', (database) => {
  /** Another process, or the same one at another time. */
  const newFunction = (now = test_now) => creditsApi(composeWith({ database, clock: () => now }));
  const handler = newFunction();

  const call = (sub: string, route_key: string, asked: Partial<Asked> = {}, by = handler): Promise<Answer> =>
    ask(by, { route_key, claims: { sub }, ...asked });
  const deduct = (account_id: string, amount: number, key?: string, by = handler) =>
    ask(by, {
      route_key: 'POST /api/accounts/{account_id}/credits/deduct',
      path: { account_id },
      claims: service_claims,
      body: { amount, description: 'a draft', feature: 'basic_posts' },
      ...(key === undefined ? {} : { headers: { 'idempotency-key': key } }),
    });
  const list = (sub: string, query: string) => call(sub, 'GET /api/credits/transactions', { query });

  describe('GET the balance', () => {
    test('of a new account is the free allowance, with its reset a month later', async () => {
      const user = freshAccountId();
      expect((await call(user, 'GET /api/credits')).body).toEqual({
        account_id: user,
        plan: 'free',
        status: 'active',
        unlimited: false,
        monthly_credits: 100,
        used_credits: 0,
        bonus_credits: 0,
        held_credits: 0,
        available_credits: 100,
        reset_date: '2026-12-23T10:00:00.000Z',
        lots: [
          {
            id: 'lot_1',
            kind: 'monthly',
            amount: 100,
            remaining: 100,
            held: 0,
            priority: 50,
            expires_at: '2026-12-23T10:00:00.000Z',
          },
        ],
      });
    });

    test('is that of the moment, even if nothing was written since', async () => {
      const user = freshAccountId();
      await deduct(user, 30);
      const later = newFunction(Date.parse('2026-12-23T10:00:00.000Z'));
      const { body } = await call(user, 'GET /api/credits', {}, later);
      expect(body).toMatchObject({ available_credits: 100, reset_date: '2027-01-23T10:00:00.000Z' });
    });
  });

  test('GET a check says whether an amount could be deducted', async () => {
    const user = freshAccountId();
    const check = async (amount: number) =>
      (await call(user, 'GET /api/credits/check', { query: `amount=${amount}` })).body;
    expect(await check(100)).toEqual({ allowed: true, required: 100, available_credits: 100 });
    expect(await check(101)).toEqual({ allowed: false, required: 101, available_credits: 100 });
  });

  describe('deduct', () => {
    test('answers its transaction, and the same again byte for byte from another process', async () => {
      const user = freshAccountId();
      const first = await deduct(user, 30, 'k1');
      expect(first).toMatchObject({
        status: 200,
        body: {
          entry_id: 'use:k1',
          account_id: user,
          seq: 2,
          transaction_type: 'usage',
          amount: -30,
          balance_after: 70,
          description: 'a draft',
          feature: 'basic_posts',
          lots: [{ id: 'lot_1', kind: 'monthly', amount: -30 }],
          created_at: '2026-11-23T10:00:00.000Z',
          actor: 'backend',
        },
      });
      expect(Object.keys(first.body)).not.toEqual(expect.arrayContaining(['hash', 'fingerprint']));
      const year_later = newFunction(Date.parse('2027-11-23T10:00:00.000Z'));
      for (const again of [await deduct(user, 30, 'k1'), await deduct(user, 30, 'k1', year_later)]) {
        expect(again.text).toBe(first.text);
        expect(again.headers).toMatchObject({ 'idempotency-replayed': 'true' });
      }
      expect(first.headers).not.toHaveProperty('idempotency-replayed');
    });

    test('with a used key and another body is 422', async () => {
      const user = freshAccountId();
      await deduct(user, 30, 'k1');
      expect(await deduct(user, 31, 'k1')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
      expect(await deduct(freshAccountId(), 31, 'k1')).toMatchObject({ status: 200 });
    });

    test('when refused does not use up its key', async () => {
      const user = freshAccountId();
      await deduct(user, 90, 'most');
      expect(await deduct(user, 20, 'k2')).toMatchObject({
        status: 402,
        body: { code: 'insufficient_credits', required: 20, available_credits: 10 },
      });
      const after_reset = newFunction(Date.parse('2026-12-24T00:00:00.000Z'));
      expect((await deduct(user, 20, 'k2', after_reset)).status).toBe(200);
    });

    test('200 times 1 at once on 100 credits: exactly 100 succeed', async () => {
      const user = freshAccountId();
      const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => deduct(user, 1, `k${index}`)));
      const statuses = answers.map(({ status }) => status);
      expect([statuses.filter((s) => s === 200).length, statuses.filter((s) => s === 402).length]).toEqual([100, 100]);
      expect(await verifyLedger(database, user, pace)).toEqual({ ok: true, entries: 101, balance: 0, problems: [] });
    });

    test('one key 50 times at once: one entry, equal bodies', async () => {
      const user = freshAccountId();
      const answers = await Promise.all(Array.from({ length: 50 }, () => deduct(user, 3, 'the one')));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined)).toHaveLength(1);
    });
  });

  describe('GET the transactions', () => {
    test('newest first, page by page, each once', async () => {
      const user = freshAccountId();
      for (let index = 0; index < 6; index += 1) await deduct(user, 1, `k${index}`);
      const seqs: number[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const answer = await list(user, `limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`);
        const page = transactions_answer.parse(answer.body);
        seqs.push(...page.data.map(({ seq }) => seq));
        cursor = page.next_cursor;
      }
      expect(seqs).toEqual([7, 6, 5, 4, 3, 2, 1]);
    });

    test('of one type: the next page has the same type', async () => {
      const user = freshAccountId();
      for (const key of ['a', 'b', 'c']) await deduct(user, 1, key);
      const first = await list(user, 'type=usage&limit=2');
      const next = String(first.body.next_cursor);
      const rest = await list(user, `cursor=${next}`);
      expect(rest.body.data).toMatchObject([{ entry_id: 'use:a' }]);
      expect(rest.body.next_cursor).toBeNull();
      expect((await list(user, `cursor=${next}&type=usage`)).body).toEqual(rest.body);
      expect(await list(user, `cursor=${next}&type=reset`)).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'query.type' }] },
      });
    });

    test('with a cursor of another account is refused', async () => {
      const [alice, bob] = [freshAccountId(), freshAccountId()];
      await deduct(alice, 1);
      const { body } = await list(alice, 'limit=1');
      expect(await list(bob, `cursor=${String(body.next_cursor)}`)).toMatchObject({
        status: 400,
        body: { errors: [{ path: 'query.cursor' }] },
      });
    });

    test('of a new account: they begin with its first period', async () => {
      expect((await list(freshAccountId(), '')).body.data).toMatchObject([{ transaction_type: 'reset', amount: 100 }]);
    });

    test('one by one: only their own account may read them', async () => {
      const [alice, bob] = [freshAccountId(), freshAccountId()];
      const deducted = await deduct(alice, 1, 'k1');
      const one = (sub: string, entry_id = 'use:k1') =>
        call(sub, 'GET /api/credits/transactions/{entry_id}', { path: { entry_id } });
      expect((await one(alice)).text).toBe(deducted.text);
      expect(await one(bob)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect((await one(alice, 'use:k2')).status).toBe(404);
      expect((await one(alice, 'x'.repeat(601))).status).toBe(400);
      expect((await one(alice, 'ü')).status).toBe(400);
    });
  });

  test('GET the verification of a whole ledger is ok', async () => {
    const user = freshAccountId();
    await deduct(user, 40);
    const answer = await ask(handler, {
      route_key: 'GET /api/accounts/{account_id}/verify',
      path: { account_id: user },
      claims: service_claims,
    });
    expect(answer.body).toEqual({ ok: true, entries: 2, balance: 60, problems: [] });
  });
});
