import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { composeWith, type Deps } from '../../../functions/composition.ts';
import { creditsApi } from '../../../functions/credits/api.ts';
import { batch_answer } from '../../../shared/api/credits-answers.ts';
import { AccountBusy } from '../../../shared/store/errors.ts';
import { type Answer, captureLog } from '../../api/events.ts';
import { describeOnEngine, freshAccountId, test_now } from '../../engines/engines.ts';
import { AccountCaller, isReplay } from './account-caller.ts';

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const item = (key: string, amount: number, more: object = {}) => ({ key, amount, description: 'a draft', ...more });
const resultsOf = ({ body }: Answer) => batch_answer.parse(body).results;
/** Per item what was taken, or why not. */
const summaryOf = (answer: Answer) =>
  resultsOf(answer).map((result) => [
    result.key,
    'transaction' in result ? result.transaction.amount : result.problem.code,
  ]);

describeOnEngine('deduct a batch', (database) => {
  const deps = composeWith({ database, clock: () => test_now });
  const handler = creditsApi(deps);
  const newAccount = (by = handler) => new AccountCaller(by, freshAccountId());

  test('judges its items in order, one by one, in one commit', async () => {
    const account = newAccount();
    const commit = vi.spyOn(database.client, 'send');
    const answer = await account.batch([
      item('a', 60, { feature: 'basic_posts' }),
      item('b', 50),
      item('c', 40),
      item('d', 1),
      item('a', 60, { feature: 'basic_posts' }),
      item('c', 39),
    ]);
    const transactions = commit.mock.calls.filter(([command]) => command.constructor.name === 'TransactWriteCommand');
    expect(transactions).toHaveLength(1);
    expect(answer.status).toBe(200);
    expect(summaryOf(answer)).toEqual([
      ['a', -60],
      ['b', 'insufficient_credits'],
      ['c', -40],
      ['d', 'insufficient_credits'],
      ['a', -60],
      ['c', 'idempotency_key_reused'],
    ]);
    expect(resultsOf(answer)[1]).toMatchObject({
      problem: {
        type: 'urn:billing-credits:problem:insufficient_credits',
        title: 'Not enough credits',
        status: 402,
        required: 50,
        available_credits: 40,
      },
    });
    expect(await account.verified()).toMatchObject({ ok: true, entries: 3, balance: 0 });
  });

  test('again: booked items get their first transaction, refused ones are judged again', async () => {
    const account = newAccount();
    const items = [item('a', 60), item('b', 50)];
    const first = await account.batch(items);
    expect(isReplay(first)).toBe(false);
    expect((await account.batch(items)).text).toBe(first.text);
    await account.grant({ amount: 100 });
    const again = await account.batch(items);
    expect(summaryOf(again)).toEqual([
      ['a', -60],
      ['b', -50],
    ]);
    expect(resultsOf(again)[0]).toEqual(resultsOf(first)[0]);
    const all_booked = await account.batch(items);
    expect(all_booked.text).toBe(again.text);
    expect(isReplay(all_booked)).toBe(true);
  });

  test('with an Idempotency-Key repeats the first answer with its refusals; another body is a 422', async () => {
    const account = newAccount();
    const items = [item('a', 60), item('b', 50)];
    const first = await account.batch(items, 'batch 1');
    await account.grant({ amount: 100 });
    const again = await account.batch(items, 'batch 1');
    expect(again.text).toBe(first.text);
    expect([isReplay(first), isReplay(again)]).toEqual([false, true]);
    expect(await account.batch([item('a', 60)], 'batch 1')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect(summaryOf(await account.batch(items, 'batch 2'))).toEqual([
      ['a', -60],
      ['b', -50],
    ]);
  });

  test('shares its keys with single deductions', async () => {
    const account = newAccount();
    const single = await account.deduct(5, 'k1');
    const answer = await account.batch([item('k1', 5), item('k2', 7, { feature: 'ads' })]);
    expect(resultsOf(answer)[0]).toEqual({ key: 'k1', transaction: single.body });
    const second = await account.deduct(7, 'k2', { feature: 'ads' });
    expect(isReplay(second)).toBe(true);
    expect(resultsOf(answer)[1]).toEqual({ key: 'k2', transaction: second.body });
    expect(await account.deduct(8, 'k2', { feature: 'ads' })).toMatchObject({ status: 422 });
  });

  test('of 40 items is one commit; of 41, or of none, is a 400', async () => {
    const account = newAccount();
    const items = Array.from({ length: 41 }, (_, index) => item(`k${index}`, 2, { feature: `f${index}` }));
    expect(await account.batch(items)).toMatchObject({ status: 400, body: { errors: [{ path: 'body.items' }] } });
    expect(await account.batch([])).toMatchObject({ status: 400, body: { errors: [{ path: 'body.items' }] } });
    expect((await account.batch(items.slice(0, 40))).status).toBe(200);
    expect(await account.verified()).toMatchObject({ ok: true, entries: 41, balance: 20 });
  });

  test('five times at once takes each item once', async () => {
    const account = newAccount();
    const items = Array.from({ length: 40 }, (_, index) => item(`k${index}`, 1));
    const answers = await Promise.all(Array.from({ length: 5 }, () => account.batch(items)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await account.verified()).toMatchObject({ ok: true, entries: 41, balance: 60 });
  });

  test('answers an error for the whole batch when the database does not answer for one item', async () => {
    const fails: Deps['accounts'] = {
      ...deps.accounts,
      transactAll: async (account_id, commands) => {
        const [first, ...others] = await deps.accounts.transactAll(account_id, commands);
        if (first === undefined) throw new Error('there is a first item');
        return [first, ...others.map(() => ({ status: 'rejected', reason: new AccountBusy() }) as const)];
      },
    };
    const account = newAccount(creditsApi({ ...deps, accounts: fails }));
    const items = [item('a', 1), item('b', 1)];
    expect(await account.batch(items, 'batch 1')).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'account_busy' },
    });
    expect(summaryOf(await account.at(handler).batch(items, 'batch 1'))).toEqual([
      ['a', -1],
      ['b', -1],
    ]);
    expect(await account.at(handler).verified()).toMatchObject({ ok: true, entries: 3, balance: 98 });
  });
});
