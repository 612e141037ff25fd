import { describe, expect, test } from 'vitest';
import { periodStart } from '../../shared/domain/period.ts';
import { dueAt } from '../../shared/domain/time/roll-forward.ts';
import { day_ms, toIso } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, pro, pro_paid_through, proJourney } from './fixtures.ts';

const withoutId = ({ account }: Journey) => account.lots.map((lot) => ({ ...lot, id: '', created_at: 0 }));

/** Pro with 300 used, and lots that no change may touch. */
function withExtras(): { journey: Journey; extras: Journey['account']['lots'] } {
  const journey = proJourney();
  journey.grant({ amount: 40, priority: 60 });
  journey.grant({ amount: 500, kind: 'purchase' });
  journey.deduct(300);
  return { journey, extras: journey.account.lots.filter(({ kind }) => kind !== 'monthly') };
}

describe('a subscription begins', () => {
  test('it opens a fresh period with the full allowance, in two entries', () => {
    const journey = new Journey('2026-03-01T08:30:00.250Z').to('2026-03-10T12:00:00Z');
    journey.deduct(30);
    journey.snapshot();
    expect(journey.entries).toHaveLength(2);
    journey.wait(5_000);
    journey.paid(pro_paid_through);
    expect(journey.entries.slice(2)).toMatchObject([
      { entry_id: 'plan:sub_1:pro@1773144000.3:close', transaction_type: 'plan_change', amount: -70, actor: 'stripe' },
      { entry_id: 'plan:sub_1:pro@1773144000.3:open', transaction_type: 'plan_change', amount: 1_000, actor: 'stripe' },
    ]);
    expect(journey.entries.at(-1)?.created_at).toBe(journey.now);
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000, expires_at: pro_paid_through });
    expect(journey.account.period).toEqual({
      plan: 'pro',
      stripe_subscription_id: 'sub_1',
      anchor_at: instant('2026-03-10T12:00:00Z'),
      index: 0,
      uncharged_use: 0,
      opened_seq: 2,
    });
  });

  test('it leaves all other lots alone', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.grant({ amount: 40 });
    journey.grant({ amount: 500, kind: 'purchase' });
    const extras = journey.account.lots.slice(1);
    journey.to('2026-03-10T12:00:00Z');
    journey.snapshot();
    journey.paid(pro_paid_through);
    expect(journey.account.lots.filter(({ kind }) => kind !== 'monthly')).toEqual(extras);
  });

  test('one payment gives one allowance: neither the first of a month nor the old free grid brings another', () => {
    const journey = new Journey('2026-03-15T00:00:00Z').to('2026-03-20T00:00:00Z');
    journey.snapshot({ billing_cycle_anchor: journey.now });
    journey.paid('2026-04-20T00:00:00Z');
    journey.deduct(1_000);
    const { seq } = journey.account;
    for (const moment of ['2026-04-01T00:00:00Z', '2026-04-15T00:00:00Z', '2026-04-19T23:59:59Z']) {
      journey.to(moment).roll();
      expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 0 });
    }
    expect(journey.account.seq).toBe(seq);
  });

  test('first heard of late, it opens the period that runs now on its own grid', () => {
    const journey = new Journey('2026-03-01T00:00:00Z').to('2026-05-20T00:00:00Z');
    journey.snapshot();
    journey.paid('2026-06-10T12:00:00Z');
    expect(journey.account.period).toMatchObject({ anchor_at: instant('2026-03-10T12:00:00Z'), index: 2 });
    expect(journey.monthly?.expires_at).toBe(instant('2026-06-10T12:00:00Z'));
  });

  test('first heard of after its paid time and grace, it opens no lot until the next payment', () => {
    const journey = new Journey('2026-03-01T00:00:00Z').to('2026-05-20T00:00:00Z');
    journey.snapshot({ status: 'past_due' });
    journey.paid(pro_paid_through);
    expect(journey.account.lots).toEqual([]);
    expect(journey.entries.at(-1)).toMatchObject({ transaction_type: 'plan_change', amount: 0, balance_after: 0 });
    expect(dueAt(journey.account, catalog)).toBeNull();
    journey.paid('2026-06-10T12:00:00Z');
    expect(journey.monthly?.remaining).toBe(1_000);
  });

  test('a second one, after the first has ended, starts fresh', () => {
    const journey = proJourney();
    journey.deduct(1_000);
    journey.wait(day_ms);
    journey.snapshot({ status: 'canceled' });
    journey.deduct(60);
    journey.wait(day_ms);
    journey.snapshot({ stripe_subscription_id: 'sub_2', billing_cycle_anchor: journey.now });
    expect(journey.monthly?.remaining).toBe(40);
    journey.paid(journey.now + 31 * day_ms, 'sub_2');
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000 });
    expect(journey.account.period).toMatchObject({ stripe_subscription_id: 'sub_2', index: 0, uncharged_use: 0 });
  });
});

describe('a trial', () => {
  const ends_at = '2026-03-24T12:00:00Z';
  const onTrial = () =>
    proJourney({ status: 'trialing', billing_cycle_anchor: instant(ends_at), current_period_end: instant(ends_at) });

  test('gives the allowance by its zero invoice, in the period before the anchor', () => {
    const journey = onTrial();
    expect(journey.account.period).toMatchObject({ plan: 'pro', anchor_at: instant(ends_at), index: -1 });
    expect(journey.monthly).toMatchObject({ remaining: 1_000, expires_at: instant(ends_at) });
  });

  test('is followed by a first paid period that is fresh', () => {
    const journey = onTrial();
    journey.deduct(900);
    journey.to(ends_at);
    journey.snapshot({ billing_cycle_anchor: instant(ends_at), current_period_end: instant('2026-04-24T12:00:00Z') });
    expect(journey.monthly?.remaining).toBe(100);
    journey.paid('2026-04-24T12:00:00Z');
    expect(journey.monthly?.remaining).toBe(1_000);
    expect(journey.account.period.index).toBe(0);
    expect(journey.entries.at(-1)?.entry_id).toBe('reset:sub_1:2026-03-24T12:00:00.000Z');
  });

  test('that nobody pays for opens no further period', () => {
    const journey = onTrial();
    journey.to('2026-04-20T00:00:00Z').roll();
    expect(journey.account.lots).toEqual([]);
  });

  test('that is ended at once moves the anchor: the first paid period is fresh, once paid', () => {
    const journey = onTrial();
    journey.deduct(900);
    journey.to('2026-03-15T00:00:00Z');
    journey.snapshot({ billing_cycle_anchor: journey.now });
    expect(journey.monthly?.remaining).toBe(100);
    journey.paid('2026-04-15T00:00:00Z');
    expect(journey.account.period).toMatchObject({ anchor_at: journey.now, index: 0 });
    expect(journey.monthly?.remaining).toBe(1_000);
  });
});

describe('an anchor that moves inside a subscription', () => {
  const moved = (journey: Journey) => {
    journey.wait(day_ms);
    const billing_cycle_anchor = Math.floor(journey.now / 1_000) * 1_000;
    journey.snapshot({ billing_cycle_anchor });
    return billing_cycle_anchor;
  };

  test('gives no allowance before it is paid for, however often it moves', () => {
    const journey = proJourney();
    journey.deduct(1_000);
    for (let times = 0; times < 3; times += 1) moved(journey);
    expect(journey.monthly).toMatchObject({ remaining: 0, expires_at: pro_paid_through });
    expect(journey.account.period.anchor_at).toBe(pro.billing_cycle_anchor);
  });

  test('carries the use over when it is paid for: paying in turns spends no allowance twice', () => {
    const journey = proJourney();
    journey.deduct(900);
    const anchor_at = moved(journey);
    journey.paid(periodStart(anchor_at, 12), 'sub_1', anchor_at);
    expect(journey.account.period).toMatchObject({ anchor_at, index: 0 });
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 100, expires_at: periodStart(anchor_at, 1) });
  });

  test('from a year to a month: the rest of the year no longer counts as paid', () => {
    const journey = proJourney();
    journey.paid(periodStart(pro.billing_cycle_anchor, 12), 'sub_1', pro.billing_cycle_anchor);
    const anchor_at = moved(journey);
    journey.paid(periodStart(anchor_at, 1), 'sub_1', anchor_at);
    journey.now = periodStart(anchor_at, 6);
    journey.snapshot({ billing_cycle_anchor: anchor_at, status: 'past_due' });
    expect(journey.monthly).toBeUndefined();
  });

  test('gives the same when the payment is heard of first', () => {
    const paid = { from: pro.billing_cycle_anchor, through: pro_paid_through };
    const journey = new Journey('2026-03-01T08:30:00.250Z').to('2026-03-12T00:00:00Z');
    const billing_cycle_anchor = instant('2026-03-11T00:00:00Z');
    journey.snapshot({ billing_cycle_anchor });
    journey.subscription({ paid });
    expect(journey.monthly).toMatchObject({ remaining: 1_000, expires_at: pro_paid_through });
  });
});

describe('an account that leaves a paid period and comes back', () => {
  test.each(['unpaid', 'paused'])('gets one allowance for one payment: %s and then active', (status) => {
    const journey = proJourney();
    journey.deduct(950);
    for (let times = 0; times < 3; times += 1) {
      journey.wait(60_000);
      journey.snapshot({ status });
      expect(journey.monthly).toMatchObject({ amount: 100, remaining: 100 });
      journey.wait(60_000);
      journey.snapshot({ status: 'active' });
      expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 50 });
    }
  });

  test('gets a fresh allowance a month later, once paid', () => {
    const journey = proJourney();
    journey.deduct(950);
    journey.wait(60_000);
    journey.snapshot({ status: 'unpaid' });
    journey.now = pro_paid_through + 1_000;
    journey.snapshot(
      { status: 'active' },
      { paid: { from: pro_paid_through, through: instant('2026-05-10T12:00:00Z') } },
    );
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000 });
  });
});

describe('a plan change inside a period carries over what was used', () => {
  test.each([
    ['up', 300, 'pro_plus', 5_000, 4_700],
    ['up with all used', 1_000, 'pro_plus', 5_000, 4_000],
    ['to the same allowance unused', 0, 'pro_plus', 5_000, 5_000],
  ])('%s', (_, used, plan, amount, remaining) => {
    const journey = proJourney();
    if (used > 0) journey.deduct(used);
    journey.wait(day_ms);
    const { seq } = journey.account;
    journey.snapshot({ plan });
    expect(journey.monthly).toMatchObject({ amount, remaining, expires_at: pro_paid_through });
    expect(journey.entries.slice(seq)).toMatchObject([
      { transaction_type: 'plan_change', amount: used - 1_000 + 0 },
      { transaction_type: 'plan_change', amount: remaining },
    ]);
    expect(journey.account.period).toMatchObject({ plan, index: 0, anchor_at: instant('2026-03-10T12:00:00Z') });
  });

  test('down below what was used leaves nothing; up again gives only the difference', () => {
    const journey = proJourney({ plan: 'pro_plus' });
    journey.deduct(3_000);
    journey.wait(day_ms);
    journey.snapshot({ plan: 'pro' });
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 0 });
    expect(journey.account.period.uncharged_use).toBe(2_000);
    journey.wait(day_ms);
    journey.snapshot({ plan: 'pro_plus' });
    expect(journey.monthly).toMatchObject({ amount: 5_000, remaining: 2_000 });
    expect(journey.account.period.uncharged_use).toBe(0);
  });

  test('to an unlimited plan and back counts what was used meanwhile', () => {
    const journey = proJourney();
    journey.deduct(300);
    journey.wait(day_ms);
    journey.snapshot({ plan: 'ultimate' });
    expect(journey.monthly).toBeUndefined();
    journey.deduct(450);
    journey.wait(day_ms);
    journey.snapshot({ plan: 'pro' });
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 250 });
  });

  test('is forgotten by the next period', () => {
    const journey = proJourney({ plan: 'pro_plus' });
    journey.deduct(3_000);
    journey.wait(day_ms);
    journey.snapshot({ plan: 'pro' });
    journey.paid('2026-05-10T12:00:00Z');
    journey.to('2026-04-10T12:00:00Z').roll();
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000 });
    expect(journey.account.period.uncharged_use).toBe(0);
  });

  test('touches no other lot', () => {
    const { journey, extras } = withExtras();
    journey.wait(day_ms);
    journey.snapshot({ plan: 'pro_plus' });
    expect(journey.account.lots.filter(({ kind }) => kind !== 'monthly')).toEqual(extras);
    expect(journey.monthly?.remaining).toBe(4_700);
  });

  test('changes nothing while it is only scheduled, or a cancellation at the period’s end', () => {
    const { journey } = withExtras();
    const { lots, period, seq } = journey.account;
    journey.wait(day_ms);
    journey.snapshot({ cancel_at_period_end: true });
    expect(journey.account).toMatchObject({ lots, period, seq });
  });
});

describe('a plan change in the very second of the period boundary', () => {
  const changed = (apply: (journey: Journey) => void) => {
    const journey = proJourney();
    journey.deduct(300);
    journey.to('2026-04-10T12:00:00Z');
    apply(journey);
    const { period, subscription } = journey.account;
    return { lots: withoutId(journey), period: { ...period, opened_seq: 0 }, subscription };
  };
  const change = (journey: Journey) => journey.snapshot({ plan: 'pro_plus' });
  const pay = (journey: Journey) => journey.paid('2026-05-10T12:00:00Z');

  test('belongs to the new period, whether the change or the payment comes first', () => {
    const change_first = changed((journey) => {
      change(journey);
      pay(journey);
    });
    const payment_first = changed((journey) => {
      pay(journey);
      change(journey);
    });
    expect(change_first).toEqual(payment_first);
    expect(change_first.lots).toMatchObject([{ amount: 5_000, remaining: 5_000 }]);
    expect(change_first.period.index).toBe(1);
  });

  test('still counts the old period’s use until the new one is paid', () => {
    expect(changed((journey) => change(journey)).lots).toMatchObject([{ amount: 5_000, remaining: 4_700 }]);
  });

  test('belongs to the old period when it is one second earlier', () => {
    const journey = proJourney();
    journey.deduct(300);
    journey.to('2026-04-10T11:59:59Z');
    change(journey);
    expect(journey.monthly?.remaining).toBe(4_700);
    journey.wait(1_000);
    pay(journey);
    expect(journey.monthly?.remaining).toBe(5_000);
  });
});

describe('a subscription that is no longer in force', () => {
  test.each(['canceled', 'unpaid', 'paused', 'incomplete_expired', 'a word of next year'])(
    '%s: a fresh free period from now; bonus and purchased credits stay',
    (status) => {
      const { journey, extras } = withExtras();
      journey.to('2026-03-20T09:00:00.500Z');
      const { seq } = journey.account;
      journey.snapshot({ status });
      expect(journey.account.lots.filter(({ kind }) => kind !== 'monthly')).toEqual(extras);
      expect(journey.monthly).toMatchObject({ amount: 100, remaining: 100 });
      expect(journey.account.period).toEqual({
        plan: 'free',
        stripe_subscription_id: null,
        anchor_at: journey.now,
        index: 0,
        uncharged_use: 0,
        opened_seq: seq,
      });
      expect(journey.entries.slice(seq)).toMatchObject([
        { entry_id: `plan:sub_1:free@1773997200.${seq + 1}:close`, amount: -700 },
        { entry_id: `plan:sub_1:free@1773997200.${seq + 1}:open`, amount: 100 },
      ]);
      expect(toIso(dueAt(journey.account, catalog) ?? 0)).toBe('2026-04-20T09:00:00.500Z');
    },
  );

  test('cancelled by a slower clock: the free period begins at the account’s time', () => {
    const journey = proJourney();
    journey.to('2026-03-20T09:05:00Z').roll();
    journey.to('2026-03-20T09:00:00Z');
    journey.snapshot({ status: 'canceled' });
    expect(toIso(journey.account.period.anchor_at)).toBe('2026-03-20T09:05:00.000Z');
  });

  test('that never was in force: the free period goes on, nothing is booked', () => {
    const journey = new Journey('2026-03-01T08:30:00.250Z').to('2026-03-10T12:00:00Z');
    journey.deduct(30);
    const { lots, period, seq } = journey.account;
    for (const status of ['incomplete', 'incomplete_expired']) {
      journey.wait(60_000);
      journey.snapshot({ status });
      expect(journey.account).toMatchObject({ lots, period, seq });
    }
  });

  test('unpaid and then paid again: one period, on its old grid', () => {
    const journey = proJourney();
    journey.to('2026-04-20T00:00:00Z');
    journey.snapshot({ status: 'unpaid' });
    journey.to('2026-04-25T00:00:00Z');
    journey.paid('2026-05-10T12:00:00Z');
    expect(journey.account.period.plan).toBe('free');
    journey.snapshot({ status: 'active' });
    expect(journey.account.period).toMatchObject({ plan: 'pro', index: 1 });
    expect(journey.monthly).toMatchObject({ remaining: 1_000, expires_at: instant('2026-05-10T12:00:00Z') });
  });
});

test('without a monthly lot, only what the unlimited plan counted is carried over', () => {
  const journey = proJourney({ plan: 'ultimate' });
  journey.deduct(1_200);
  journey.wait(1_000).snapshot({ plan: 'pro' });
  expect(journey.account.period.uncharged_use).toBe(200);
  const left = proJourney({ plan: 'ultimate' });
  left.deduct(50);
  left.wait(1_000).snapshot({ status: 'unpaid' });
  expect(left.account.subscription?.left?.used).toBe(50);
});

test('a subscription that begins in the same millisecond as the free period is fresh', () => {
  const journey = new Journey('2026-03-10T12:00:00Z');
  journey.deduct(30);
  journey.snapshot();
  journey.paid(pro_paid_through);
  expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000 });
});
