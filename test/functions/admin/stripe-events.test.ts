import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { adminApi } from '../../../functions/admin/api.ts';
import { composeWith } from '../../../functions/composition.ts';
import { nothing_found } from '../../../functions/reconciliation/plan-run.ts';
import { admin_routes } from '../../../shared/api/admin-routes.ts';
import { balanceAt } from '../../../shared/domain/account/balance.ts';
import { putReconciliation } from '../../../shared/store/reconciliation.ts';
import { keepStripeEvent } from '../../../shared/store/stripe-events.ts';
import { ask, captureLog, service_claims } from '../../api/events.ts';
import { catalog, describeOnEngine, test_now } from '../../engines/engines.ts';
import { StripeAccount, workerDeps } from '../../stripe/stripe-account.ts';
import { bought_s, eventObject, prices, sessionObject } from '../../stripe/stripe-objects.ts';

const reconciled = {
  events_through: test_now,
  compared_at: test_now,
  report: {
    run_id: 'r0',
    started_at: test_now,
    finished_at: test_now,
    ...nothing_found,
  },
};

const page_schema = admin_routes.stripe_events.answer;

beforeEach(() => {
  captureLog();
});
afterEach(() => {
  vi.restoreAllMocks();
});

describeOnEngine('quarantined Stripe events', (database) => {
  function caller(stripe: StripeAccount) {
    const handler = adminApi({
      ...composeWith({ database, clock: () => test_now }),
      ...workerDeps(database, stripe.stripe),
      prices,
      reconciliations: { send: () => Promise.reject(new Error('is not asked')) },
    });
    const list = async (query = '') =>
      (await ask(handler, { route_key: 'GET /api/admin/stripe-events', query, claims: service_claims })).body;
    return {
      list,
      /** What all pages show. */
      all: async (query = 'limit=100') => {
        const found = [];
        for (let next: string | null = ''; next !== null; ) {
          const { data, next_cursor } = page_schema.parse(await list(`${query}${next && `&cursor=${next}`}`));
          found.push(...data);
          next = next_cursor;
        }
        return found;
      },
      replay: (id: string) =>
        ask(handler, { route_key: 'POST /api/admin/stripe-events/{id}/replay', path: { id }, claims: service_claims }),
    };
  }

  /** A subscription whose customer nobody knows, and which names no account. */
  const nobodys = (stripe: StripeAccount) =>
    eventObject('customer.subscription.created', stripe.subscriptionObject({ metadata: {} }));

  const available = async (stripe: StripeAccount) =>
    balanceAt(await stripe.read(), catalog, test_now).available_credits;

  test('are listed with their reason, and applied by a replay once their cause is mended', async () => {
    const stripe = new StripeAccount(database);
    const { all, replay } = caller(stripe);
    const event = nobodys(stripe);
    await stripe.apply(event);
    const listed = {
      event_id: event.id,
      type: event.type,
      created_at: '2026-11-23T10:00:00.000Z',
      outcome: 'quarantined',
      reason: 'unknown_customer',
      account_id: null,
    };
    expect(await all()).toContainEqual(listed);
    expect(await replay(event.id)).toMatchObject({ status: 200, body: listed });

    await stripe.apply(
      eventObject(
        'checkout.session.completed',
        sessionObject({ customer: stripe.customer, metadata: stripe.metadata }),
      ),
    );
    const { status, body } = await replay(event.id);
    const applied = { ...listed, outcome: 'applied', reason: null, account_id: stripe.account_id };
    expect({ status, body }).toEqual({ status: 200, body: applied });
    expect(await all()).not.toContainEqual(expect.objectContaining({ event_id: event.id }));
    expect(await stripe.read()).toMatchObject({ subscription: { plan: 'pro' } });
  });

  test('take effect once, even if they are replayed in parallel and delivered again', async () => {
    const stripe = new StripeAccount(database);
    const { replay } = caller(stripe);
    const paid = eventObject('invoice.paid', stripe.invoiceObject());
    expect(await stripe.apply(paid)).toMatchObject({ outcome: 'quarantined', reason: 'subscription_not_found' });
    stripe.stripe.subscriptions.set(stripe.subscription, stripe.subscriptionObject());
    const answers = await Promise.all([...Array.from({ length: 8 }, () => replay(paid.id)), stripe.apply(paid)]);
    expect(answers.filter((answer) => 'status' in answer).every(({ status }) => status === 200)).toBe(true);
    const { seq } = await stripe.read();
    expect(await available(stripe)).toBe(1_000);
    await replay(paid.id);
    expect((await stripe.read()).seq).toBe(seq);
  });

  test('stay quarantined with their new reason when a replay still cannot apply them', async () => {
    const stripe = new StripeAccount(database);
    const { replay } = caller(stripe);
    const paid = eventObject('invoice.paid', stripe.invoiceObject());
    await stripe.apply(paid);
    stripe.stripe.subscriptions.set(stripe.subscription, stripe.subscriptionObject({}, 'nobody_knows'));
    expect((await replay(paid.id)).body).toMatchObject({ outcome: 'quarantined', reason: 'unknown_price' });
    expect(await available(stripe)).toBe(100);
  });

  test('are listed newest first, page by page', async () => {
    const stripe = new StripeAccount(database);
    const { all } = caller(stripe);
    const events = [3, 1, 2].map((n) => ({ ...nobodys(stripe), created: bought_s + 1_000_000 + n }));
    for (const event of events) await stripe.apply(event);
    const found = (await all('limit=1')).filter(({ event_id }) => events.some(({ id }) => id === event_id));
    expect(found.map(({ event_id }) => event_id)).toEqual([events[0]?.id, events[2]?.id, events[1]?.id]);
  });

  test('are found by their id only', async () => {
    const { replay, list } = caller(new StripeAccount(database));
    // Beside the events their table holds the marks of the reconciliation.
    await putReconciliation(database, reconciled);
    for (const id of ['reconciliation', '#reconciliation', '__proto__']) {
      expect([400, 404]).toContain((await replay(id)).status);
    }
    expect(await replay('evt_none')).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await replay('no event')).toMatchObject({ status: 400, body: { errors: [{ path: 'path.id' }] } });
    expect(await list('cursor=abc')).toMatchObject({ code: 'validation_failed', errors: [{ path: 'query.cursor' }] });
    expect(await list('outcome=applied')).toMatchObject({ errors: [{ path: 'query.outcome' }] });
  });

  test('are kept when only their record is left', async () => {
    const event_id = `evt_kept_${randomUUID()}`;
    const record = {
      event_id,
      type: 'invoice.paid',
      created_at: test_now,
      outcome: 'stale',
      account_id: 'u_1',
    } as const;
    await keepStripeEvent(database, record, test_now);
    const answer = await caller(new StripeAccount(database)).replay(event_id);
    expect(answer).toMatchObject({ status: 200, body: { event_id, outcome: 'stale', reason: null } });
  });
});
