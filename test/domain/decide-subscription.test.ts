import { describe, expect, test } from 'vitest';
import type { SubscriptionSnapshot } from '../../shared/domain/account/subscription.ts';
import { instant, isQuestion, Journey, pro, pro_paid, pro_paid_through, proJourney } from './fixtures.ts';

const bought_at = pro.snapshot_at;

/** Pro at its first second, and then the snapshot; what the account knows and what it refused. */
function then(changes: Partial<SubscriptionSnapshot>, facts: { fetched?: boolean } = {}) {
  const journey = proJourney();
  const before = journey.account;
  const refused = journey.snapshot({ snapshot_at: bought_at, ...changes }, facts);
  if (refused !== null) expect(journey.account).toBe(before);
  return { refused, subscription: journey.account.subscription, journey };
}

describe('a subscription snapshot', () => {
  test('is remembered as it is, with what was paid and its customer', () => {
    const { account } = proJourney();
    expect(account.subscription).toEqual({ ...pro, paid: pro_paid, left: null });
    expect(account.stripe_customer_id).toBe('cus_1');
  });

  test('that is newer wins', () => {
    const { refused, subscription } = then({ snapshot_at: bought_at + 1_000, cancel_at_period_end: true });
    expect(refused).toBeNull();
    expect(subscription).toMatchObject({ cancel_at_period_end: true, snapshot_at: bought_at + 1_000 });
    expect(subscription?.paid?.through).toBe(pro_paid_through);
  });

  test('that is older is refused as stale', () => {
    const { refused } = then({ snapshot_at: bought_at - 1_000, plan: 'pro_plus' });
    expect(refused).toMatchObject({ code: 'stale_snapshot' });
  });

  test('that comes again changes nothing', () => {
    const { refused, journey } = then({});
    expect(refused).toBeNull();
    expect(journey.account.subscription).toEqual({ ...pro, paid: pro_paid, left: null });
    expect(journey.account.seq).toBe(3);
  });

  test.each([
    ['plan', { plan: 'pro_plus' }],
    ['interval', { interval: 'year' }],
    ['status', { status: 'past_due' }],
    ['anchor', { billing_cycle_anchor: bought_at + 1_000 }],
    ['period’s end', { current_period_end: bought_at + 1_000 }],
    ['wish to cancel', { cancel_at_period_end: true }],
  ] as const)('of the same second with another %s asks Stripe, and is applied when fetched from it', (_, changes) => {
    const { refused } = then(changes);
    expect(refused).toMatchObject({ kind: 'subscription' });
    expect(then(changes, { fetched: true }).subscription).toMatchObject(changes);
  });

  test('that was fetched for an older event is applied, and counts as new as what was known', () => {
    const { refused, subscription } = then({ snapshot_at: bought_at - 60_000, plan: 'pro_plus' }, { fetched: true });
    expect(refused).toBeNull();
    expect(subscription).toMatchObject({ plan: 'pro_plus', snapshot_at: bought_at });
  });
});

describe('a snapshot fetched from Stripe', () => {
  const later = { plan: 'ultimate', snapshot_at: bought_at + 1_000 };

  test.each([
    ['newer news came', later],
    ['other news of the same second came', { plan: 'ultimate' }],
  ])('is asked for again if %s meanwhile', (_, news) => {
    const journey = proJourney();
    const refused = journey.snapshot({ plan: 'pro_plus', snapshot_at: bought_at });
    const known_when_asked = isQuestion(refused) && refused.kind === 'subscription' ? refused.known : undefined;
    expect(known_when_asked).toEqual(journey.account.subscription);
    journey.snapshot({ snapshot_at: bought_at, ...news }, { fetched: true });
    const fetched = { fetched: true, ...(known_when_asked === undefined ? {} : { known_when_asked }) };
    const again = journey.snapshot({ plan: 'pro_plus', snapshot_at: bought_at }, fetched);
    expect(again).toMatchObject({ kind: 'subscription' });
    expect(again).toMatchObject({ known: { plan: 'ultimate' } });
  });

  test('for an account without a subscription is asked for again if the first news came meanwhile', () => {
    const journey = new Journey(bought_at);
    const refused = journey.paid(pro_paid_through);
    expect(refused).toMatchObject({ known: null });
    journey.snapshot({ status: 'unpaid' });
    expect(journey.snapshot({}, { fetched: true, known_when_asked: null, paid: pro_paid })).toMatchObject({
      kind: 'subscription',
    });
    expect(journey.account.subscription?.status).toBe('unpaid');
  });

  test('is applied if only something else was committed meanwhile', () => {
    const journey = proJourney();
    const known_when_asked = journey.account.subscription;
    journey.deduct(10);
    journey.paid('2026-05-10T12:00:00Z');
    expect(journey.snapshot({ plan: 'pro_plus' }, { fetched: true, known_when_asked })).toBeNull();
    expect(journey.account.subscription?.plan).toBe('pro_plus');
  });
});

describe('a subscription that has ended', () => {
  const ended = () => then({ status: 'canceled', snapshot_at: bought_at + 60_000 }).journey;

  test.each([{ fetched: false }, { fetched: true }])('stays ended, whatever comes later: %o', (facts) => {
    const journey = ended();
    expect(journey.snapshot({ snapshot_at: bought_at + 120_000 }, facts)).toMatchObject({ code: 'stale_snapshot' });
    expect(journey.account.subscription?.status).toBe('canceled');
  });

  test('accepts the same end again', () => {
    const journey = ended();
    const before = journey.account;
    expect(journey.snapshot({ status: 'canceled', snapshot_at: bought_at + 60_000 })).toBeNull();
    expect(journey.account).toEqual({ ...before, version: before.version + 1 });
  });

  test('stays ended on a late invoice, which is remembered', () => {
    const journey = ended();
    const { lots } = journey.account;
    expect(journey.paid('2026-05-10T12:00:00Z')).toBeNull();
    expect(journey.account.lots).toEqual(lots);
    expect(journey.account.subscription?.paid?.through).toBe(instant('2026-05-10T12:00:00Z'));
  });

  test('can be followed by another subscription', () => {
    const journey = ended();
    journey.wait(120_000);
    expect(journey.snapshot({ stripe_subscription_id: 'sub_2' })).toBeNull();
    expect(journey.account.subscription).toMatchObject({ stripe_subscription_id: 'sub_2', paid: null });
  });
});

test('old news of another subscription is ambiguous: the account does not remember how that one ended', () => {
  const journey = proJourney();
  const old_news = { ...pro, stripe_subscription_id: 'sub_0', snapshot_at: pro.snapshot_at - 60_000 };
  expect(journey.subscription({ stripe_subscription_id: 'sub_0', snapshot: old_news })).toMatchObject({
    kind: 'subscription',
  });
  journey.wait(1_000);
  journey.snapshot({ status: 'canceled' });
  expect(journey.subscription({ stripe_subscription_id: 'sub_0', snapshot: old_news })).toMatchObject({
    kind: 'subscription',
  });
  const same_second = { stripe_subscription_id: 'sub_2', snapshot_at: journey.account.subscription?.snapshot_at ?? 0 };
  expect(journey.snapshot(same_second)).toMatchObject({ kind: 'subscription' });
  expect(journey.snapshot(same_second, { fetched: true })).toBeNull();
});

test('three fetched states of one second, there and back again, are three changes', () => {
  const journey = proJourney({ plan: 'pro_plus' });
  const { snapshot_at } = journey.account.subscription ?? pro;
  for (const plan of ['pro', 'pro_plus', 'pro']) {
    expect(journey.snapshot({ plan, snapshot_at }, { fetched: true })).toBeNull();
  }
  expect(journey.account.period.plan).toBe('pro');
});

describe('a paid invoice', () => {
  test('of an unknown subscription asks for it, and is accepted together with its snapshot', () => {
    const journey = new Journey('2026-03-01T00:00:00Z').to('2026-03-10T12:00:00Z');
    const refused = journey.paid(pro_paid_through);
    expect(refused).toMatchObject({ kind: 'subscription' });
    expect(refused).toMatchObject({ stripe_subscription_id: 'sub_1', known: null });
    expect(journey.account.subscription).toBeNull();
    expect(journey.snapshot({}, { fetched: true, paid: pro_paid })).toBeNull();
    expect(journey.monthly?.remaining).toBe(1_000);
  });

  test('of another subscription than the account’s asks for it', () => {
    const { journey } = then({});
    expect(journey.paid(pro_paid_through, 'sub_2')).toMatchObject({ kind: 'subscription' });
  });

  test('only ever extends what is paid: the furthest counts', () => {
    const { journey } = then({});
    for (const until of ['2026-05-10T12:00:00Z', '2026-03-20T00:00:00Z', '2026-05-10T12:00:00Z']) journey.paid(until);
    expect(journey.account.subscription?.paid?.through).toBe(instant('2026-05-10T12:00:00Z'));
  });

  test('does not change the subscription’s status', () => {
    const { journey } = then({ status: 'past_due', snapshot_at: bought_at + 1_000 });
    journey.paid('2026-05-10T12:00:00Z');
    expect(journey.account.subscription?.status).toBe('past_due');
  });

  test('with a snapshot that changes the plan is booked in the order of time', () => {
    const journey = proJourney();
    journey.to('2026-04-12T00:00:00Z');
    journey.snapshot(
      { plan: 'pro_plus' },
      { paid: { from: pro_paid_through, through: instant('2026-05-10T12:00:00Z') } },
    );
    const times = journey.entries.map((entry) => entry.created_at);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(journey.monthly).toMatchObject({ amount: 5_000, remaining: 5_000 });
  });
});

describe('another subscription', () => {
  test.each(['active', 'trialing', 'past_due'])(
    'asks whether the account’s is still live while that is %s',
    (status) => {
      const { journey } = then({ status, snapshot_at: bought_at + 1_000 });
      const refused = journey.snapshot({ stripe_subscription_id: 'sub_2', snapshot_at: bought_at + 2_000 });
      expect(refused).toMatchObject({ kind: 'current_subscription' });
      expect(refused).toMatchObject({
        kind: 'current_subscription',
        known: { stripe_subscription_id: 'sub_1', status },
      });
      expect(journey.account.subscription?.stripe_subscription_id).toBe('sub_1');
    },
  );

  test.each(['incomplete', 'unpaid', 'paused', 'canceled', 'incomplete_expired'])(
    'replaces one that is %s',
    (status) => {
      const { journey } = then({ status, snapshot_at: bought_at + 1_000 });
      expect(journey.snapshot({ stripe_subscription_id: 'sub_2', snapshot_at: bought_at + 2_000 })).toBeNull();
      expect(journey.account.subscription?.stripe_subscription_id).toBe('sub_2');
    },
  );

  test.each(['canceled', 'incomplete_expired'])('that is %s is stale, unless it is the newest news', (ended) => {
    const sub_0 = { stripe_subscription_id: 'sub_0', status: ended };
    for (const status of ['active', 'canceled']) {
      for (const seconds of [0, 1]) {
        const { journey } = then({ status, snapshot_at: bought_at + 1_000 });
        expect(journey.snapshot({ ...sub_0, snapshot_at: bought_at + seconds * 1_000 })).toMatchObject({
          code: 'stale_snapshot',
        });
      }
    }
    const { journey } = then({ status: 'unpaid', snapshot_at: bought_at + 1_000 });
    const { period, lots } = journey.account;
    expect(journey.snapshot({ ...sub_0, snapshot_at: bought_at + 2_000 })).toBeNull();
    expect(journey.account).toMatchObject({ period, lots, subscription: sub_0 });
    journey.wait(3_000).snapshot();
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000 });
  });

  test('that has ended is ambiguous when the account’s may have ended before it', () => {
    const { journey } = then({});
    const refused = journey.snapshot({
      stripe_subscription_id: 'sub_0',
      status: 'canceled',
      snapshot_at: bought_at + 1,
    });
    expect(refused).toMatchObject({ kind: 'current_subscription' });
  });

  test('that has ended and sells no plan here is refused, unless the account had it before', () => {
    const canceled = { status: 'canceled', snapshot_at: bought_at + 2_000 };
    const foreign = { is_foreign: true };
    expect(new Journey(bought_at).snapshot(canceled, foreign)).toMatchObject({ code: 'stale_snapshot' });
    const { journey } = then({ status: 'unpaid', snapshot_at: bought_at + 1_000 });
    expect(journey.snapshot({ stripe_subscription_id: 'sub_0', ...canceled }, foreign)).toMatchObject({
      code: 'stale_snapshot',
    });
    expect(journey.snapshot(canceled, foreign)).toBeNull();
    expect(journey.account.subscription?.status).toBe('canceled');
  });

  test('does not inherit what was paid for the first', () => {
    const { journey } = then({ status: 'canceled', snapshot_at: bought_at + 1_000 });
    journey.snapshot({ stripe_subscription_id: 'sub_2', snapshot_at: bought_at + 2_000 });
    expect(journey.account.period.plan).toBe('free');
    expect(journey.monthly?.amount).toBe(100);
  });
});

test('a refused snapshot loses nothing that is due: the next command does it', () => {
  const journey = proJourney();
  journey.to('2026-04-20T00:00:00Z');
  expect(journey.snapshot({ snapshot_at: bought_at - 1_000 })).toMatchObject({ code: 'stale_snapshot' });
  expect(journey.monthly?.remaining).toBe(1_000);
  expect(journey.roll().monthly).toBeUndefined();
});
