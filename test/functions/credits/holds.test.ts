import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { composeWith } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { captureLog } from '../../api/events.ts';
import { describeOnEngine, freshAccountId, test_now } from '../../engines/engines.ts';
import { AccountCaller, isReplay } from './account-caller.ts';

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const hour_ms = 3_600_000;

describeOnEngine('a hold', (database) => {
  const newFunction = (now = test_now) => creditsApi(composeWith({ database, clock: () => now }));
  const handler = newFunction();
  const newAccount = () => new AccountCaller(handler, freshAccountId());

  test('sets credits aside for an hour, and repeats its answer byte for byte, whatever became of it', async () => {
    const account = newAccount();
    const opened = await account.hold(60, 'h1', { feature: 'basic_posts' });
    const { hold_id } = opened.body;
    expect(opened).toMatchObject({ status: 201 });
    expect(opened.body).toEqual({
      hold_id: expect.stringMatching(/^hold_[\w-]{22}$/),
      amount: 60,
      expires_at: '2026-11-23T11:00:00.000Z',
      status: 'open',
    });
    expect(await account.balance()).toMatchObject({ held_credits: 60, available_credits: 40, used_credits: 0 });
    expect((await account.user('GET /api/credits/holds')).body).toEqual({
      data: [
        {
          ...opened.body,
          description: 'a film',
          feature: 'basic_posts',
          created_at: '2026-11-23T10:00:00.000Z',
        },
      ],
    });
    await account.settle(String(hold_id), { amount: 1 });
    const year_later = account.at(newFunction(Date.parse('2027-11-23T10:00:00.000Z')));
    for (const caller of [account, year_later]) {
      const again = await caller.hold(60, 'h1', { feature: 'basic_posts', expires_in: 3_600 });
      expect(again.text).toBe(opened.text);
      expect(isReplay(again)).toBe(true);
    }
    expect((await account.user('GET /api/credits/holds')).body).toEqual({ data: [] });
    expect(await account.hold(61, 'h1')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    const entry = await account.user('GET /api/credits/transactions/{entry_id}', {
      path: { entry_id: `hold:${String(hold_id)}` },
    });
    expect(entry.body).toMatchObject({
      transaction_type: 'hold',
      amount: 0,
      hold_id,
      held_credits: 60,
      hold_expires_at: '2026-11-23T11:00:00.000Z',
      lots: [],
    });
  });

  test('is all or nothing: of 20 at once of 75 on 500 credits exactly 6 succeed', async () => {
    const account = newAccount();
    await account.grant({ amount: 400 });
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => account.hold(75, `h${index}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(6);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(14);
    expect(await account.balance()).toMatchObject({ held_credits: 450, available_credits: 50 });
    expect(await account.hold(51)).toMatchObject({
      status: 402,
      body: { code: 'insufficient_credits', required: 51, available_credits: 50 },
    });
    expect(await account.verified()).toMatchObject({ ok: true, balance: 500 });
  });

  test('beyond a hundred open ones is refused', async () => {
    const account = newAccount();
    await account.grant({ amount: 1_000 });
    const answers = await Promise.all(Array.from({ length: 101 }, (_, index) => account.hold(1, `h${index}`)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(100);
    expect(answers.filter(({ status }) => status === 409)).toMatchObject([{ body: { code: 'too_many_holds' } }]);
    const [refused = 0] = answers.flatMap(({ status }, place) => (status === 409 ? [place] : []));
    await account.release(String(answers[refused === 0 ? 1 : 0]?.body.hold_id));
    expect(await account.hold(1, `h${refused}`)).toMatchObject({ status: 201 });
  });

  describe('that is settled', () => {
    test('for less charges what was used and frees the rest; the same body gets the same answer', async () => {
      const account = newAccount();
      const hold_id = await account.held(60, { feature: 'basic_posts' });
      const settled = await account.settle(hold_id, { amount: 25 });
      expect(settled).toMatchObject({
        status: 200,
        body: {
          entry_id: `settle:${hold_id}`,
          transaction_type: 'usage',
          amount: -25,
          balance_after: 75,
          description: 'a film',
          feature: 'basic_posts',
          hold_id,
          lots: [{ kind: 'monthly', amount: -25 }],
        },
      });
      expect(isReplay(settled)).toBe(false);
      expect(await account.balance()).toMatchObject({ held_credits: 0, available_credits: 75, used_credits: 25 });
      const month_later = account.at(newFunction(Date.parse('2027-01-23T10:00:00.000Z')));
      for (const caller of [account, month_later]) {
        const again = await caller.settle(hold_id, { amount: 25, if_insufficient: 'reject' });
        expect(again.text).toBe(settled.text);
        expect(isReplay(again)).toBe(true);
      }
      for (const other of [{ amount: 26 }, { amount: 25, if_insufficient: 'charge_available' }]) {
        expect(await account.settle(hold_id, other)).toMatchObject({ status: 409, body: { code: 'hold_closed' } });
      }
      expect(await account.release(hold_id)).toMatchObject({ status: 409, body: { code: 'hold_closed' } });
    });

    test('for 0 writes an entry of 0', async () => {
      const account = newAccount();
      const hold_id = await account.held(100);
      const settled = await account.settle(hold_id, { amount: 0 });
      expect(settled).toMatchObject({ status: 200, body: { amount: 0, lots: [], hold_id } });
      expect(await account.balance()).toMatchObject({ held_credits: 0, available_credits: 100 });
      expect((await account.settle(hold_id, { amount: 0 })).text).toBe(settled.text);
    });

    test('for more takes available credits, or is refused and stays open', async () => {
      const account = newAccount();
      const hold_id = await account.held(60);
      await account.deduct(30);
      expect(await account.settle(hold_id, { amount: 71 })).toMatchObject({
        status: 402,
        body: { code: 'insufficient_credits', required: 11, available_credits: 10 },
      });
      expect(await account.balance()).toMatchObject({ held_credits: 60, available_credits: 10 });
      const settled = await account.settle(hold_id, { amount: 70 });
      expect(settled.body).toMatchObject({ amount: -70, balance_after: 0 });
      expect(settled.body).not.toHaveProperty('shortfall_credits');
    });

    test('for more than there is charges what there is, with charge_available', async () => {
      const account = newAccount();
      const hold_id = await account.held(60);
      const settled = await account.settle(hold_id, { amount: 500, if_insufficient: 'charge_available' });
      expect(settled.body).toMatchObject({ amount: -100, balance_after: 0, shortfall_credits: 400 });
      expect(await account.verified()).toMatchObject({ ok: true, balance: 0 });
    });

    test('ten times at once: one answer for one body, one winner among ten bodies', async () => {
      const account = newAccount();
      const [one, other] = [await account.held(10), await account.held(50)];
      const same = await Promise.all(Array.from({ length: 10 }, () => account.settle(one, { amount: 7 })));
      expect(new Set(same.map(({ text }) => text)).size).toBe(1);
      expect(same.filter((answer) => !isReplay(answer))).toHaveLength(1);
      const different = await Promise.all(
        Array.from({ length: 10 }, (_, index) => account.settle(other, { amount: index + 1 })),
      );
      expect(different.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(different.filter(({ status }) => status === 409)).toHaveLength(9);
    });
  });

  describe('that is released', () => {
    test('frees all its credits; again gets the same answer; settling it is refused', async () => {
      const account = newAccount();
      const hold_id = await account.held(60);
      const released = await account.release(hold_id);
      expect(released).toMatchObject({ status: 200, body: { hold_id, status: 'released' } });
      expect(isReplay(released)).toBe(false);
      expect(await account.balance()).toMatchObject({ held_credits: 0, available_credits: 100 });
      const again = await account.release(hold_id);
      expect(again.text).toBe(released.text);
      expect(isReplay(again)).toBe(true);
      expect(await account.settle(hold_id, { amount: 1 })).toMatchObject({
        status: 409,
        body: { code: 'hold_closed' },
      });
      expect(await account.verified()).toMatchObject({ ok: true, entries: 3, balance: 100 });
    });

    test('by its expiry is freed, answers like a released one, and cannot be settled', async () => {
      const account = newAccount();
      const hold_id = await account.held(60, { expires_in: 1 });
      const before = account.at(newFunction(test_now + 999));
      expect(await before.balance()).toMatchObject({ held_credits: 60 });
      const after = account.at(newFunction(test_now + 1_000));
      expect(await after.balance()).toMatchObject({ held_credits: 0, available_credits: 100 });
      expect((await after.user('GET /api/credits/holds')).body).toEqual({ data: [] });
      expect(await after.settle(hold_id, { amount: 1 })).toMatchObject({ status: 409, body: { code: 'hold_closed' } });
      const released = await after.release(hold_id);
      expect(released).toMatchObject({ status: 200, body: { hold_id, status: 'released' } });
      expect((await after.release(hold_id)).text).toBe(released.text);
      const entry = await after.user('GET /api/credits/transactions/{entry_id}', {
        path: { entry_id: `release:${hold_id}` },
      });
      expect(entry.body).toMatchObject({ transaction_type: 'release', actor: 'system', hold_id, held_credits: 60 });
    });

    test('while it is settled and expires: one of the three wins, and nothing is lost', async () => {
      for (let round = 0; round < 5; round += 1) {
        const account = newAccount();
        const hold_id = await account.held(60, { expires_in: 3_600 });
        const later = account.at(newFunction(test_now + hour_ms));
        const [settled, released, expired] = await Promise.all([
          account.settle(hold_id, { amount: 60 }),
          account.at(newFunction()).release(hold_id),
          later.deduct(1),
        ]);
        expect(new Set([settled.status, released.status])).toEqual(new Set([200, 409]));
        expect(expired.status).toBe(200);
        const spent = settled.status === 200 ? 61 : 1;
        expect(await later.balance()).toMatchObject({ held_credits: 0, available_credits: 100 - spent });
        expect(await account.verified()).toMatchObject({ ok: true, balance: 100 - spent });
      }
    });
  });

  describe('of somebody else, or unknown', () => {
    test.each(['hold_AAAAAAAAAAAAAAAAAAAAAA', 'nothing', '__proto__'])('%s is 404', async (hold_id) => {
      const account = newAccount();
      expect(await account.settle(hold_id, { amount: 1 })).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect(await account.release(hold_id)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    });

    test.each(['', 'a b', 'use:k', 'x'.repeat(65)])('%j is no id of a hold: 400', async (hold_id) => {
      const errors = [{ path: 'path.hold_id' }];
      expect(await newAccount().settle(hold_id, { amount: 1 })).toMatchObject({ status: 400, body: { errors } });
      expect(await newAccount().release(hold_id)).toMatchObject({ status: 400, body: { errors } });
    });

    test('is 404, and stays as it was', async () => {
      const [alice, bob] = [newAccount(), newAccount()];
      const opened = await alice.hold(60, 'the same key');
      const hold_id = String(opened.body.hold_id);
      expect((await bob.hold(60, 'the same key')).body.hold_id).not.toBe(hold_id);
      expect(await bob.settle(hold_id, { amount: 1 })).toMatchObject({ status: 404 });
      expect(await bob.release(hold_id)).toMatchObject({ status: 404 });
      expect(await alice.balance()).toMatchObject({ held_credits: 60 });
      expect(await alice.settle(hold_id, { amount: 1 })).toMatchObject({ status: 200 });
    });
  });

  test('is opened, settled and released by a service, as its actor', async () => {
    const account = newAccount();
    const opened = await account.service('POST /credits/holds', {
      key: 'h1',
      body: { amount: 10, description: 'a film', expires_in: 86_400 },
    });
    expect(opened).toMatchObject({ status: 201, body: { expires_at: '2026-11-24T10:00:00.000Z' } });
    expect((await account.hold(10, 'h1', { expires_in: 86_400 })).text).toBe(opened.text);
    const path = { hold_id: String(opened.body.hold_id) };
    const settled = await account.service('POST /credits/holds/{hold_id}/settle', { path, body: { amount: 3 } });
    expect(settled.body).toMatchObject({ amount: -3, actor: 'backend' });
    expect((await account.settle(path.hold_id, { amount: 3 })).text).toBe(settled.text);
    expect((await account.service('GET /credits/holds')).body).toEqual({ data: [] });
    const other = { hold_id: await account.held(5) };
    const released = await account.service('POST /credits/holds/{hold_id}/release', { path: other });
    expect(released.body).toEqual({ ...other, status: 'released' });
  });
});
