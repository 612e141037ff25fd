import { describe, expect, test } from 'vitest';
import { balance_max, day_ms } from '../../shared/domain/units.ts';
import { instant, Journey, pro_paid_through, proJourney } from './fixtures.ts';

const lastOf = (journey: Journey, count: number) => journey.entries.slice(journey.entries.length - count);

describe('refund after a plan change in the same period', () => {
  test('goes to the new monthly lot, which has counted that use', () => {
    const journey = proJourney();
    journey.deduct(300, 'use:k');
    journey.wait(1_000).snapshot({ plan: 'pro_plus' });
    journey.refund('use:k', 200);
    expect(lastOf(journey, 1)).toMatchObject([{ amount: 200, lots: [{ id: 'lot_6', kind: 'monthly', amount: 200 }] }]);
    expect(journey.monthly).toMatchObject({ amount: 5_000, remaining: 4_900 });
  });

  test('goes to the new monthly lot during the renewal grace too', () => {
    const journey = proJourney();
    journey.deduct(300, 'use:k');
    journey.wait(1_000).snapshot({ plan: 'pro_plus' });
    journey.now = pro_paid_through + day_ms;
    journey.refund('use:k');
    expect(journey.monthly).toMatchObject({ amount: 5_000, remaining: 5_000 });
  });

  test('first lowers the use beyond the smaller allowance: those credits are lost', () => {
    const journey = proJourney({ plan: 'pro_plus' });
    journey.deduct(3_000, 'use:k');
    journey.wait(1_000).snapshot({ plan: 'pro' });
    expect(journey.account.period.uncharged_use).toBe(2_000);
    journey.refund('use:k', 1_500);
    expect(journey.account.period.uncharged_use).toBe(500);
    expect(journey.monthly?.remaining).toBe(0);
    journey.refund('use:k', 1_000, { entry_id: 'refund:k1' });
    expect(lastOf(journey, 2)).toMatchObject([
      {
        amount: 1_000,
        lots: [
          { id: 'lot_6', amount: 500 },
          { id: 'lot_3', amount: 500 },
        ],
      },
      { entry_id: 'expire:refund:k1', amount: -500, lots: [{ id: 'lot_3', amount: -500 }] },
    ]);
    // As if 500 had been spent.
    expect(journey.account.period.uncharged_use).toBe(0);
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 500 });
  });

  test('first lowers that use by a single credit too', () => {
    const journey = proJourney({ plan: 'pro_plus' });
    journey.deduct(1_001, 'use:k');
    journey.wait(1_000).snapshot({ plan: 'pro' });
    journey.refund('use:k', 1, { entry_id: 'refund:k1' });
    expect(journey.account.period.uncharged_use).toBe(0);
    expect(journey.entry('expire:refund:k1')).toMatchObject({ amount: -1, lots: [{ id: 'lot_3', amount: -1 }] });
    journey.refund('use:k', 1);
    expect(journey.monthly?.remaining).toBe(1);
  });

  test('to a bonus lot leaves the counted use alone', () => {
    const journey = proJourney({ plan: 'pro_plus' });
    journey.bonus(50, { priority: 10 });
    journey.deduct(3_050, 'use:k');
    journey.wait(1_000).snapshot({ plan: 'pro' });
    journey.refund('use:k', 3_000);
    expect(journey.account.period.uncharged_use).toBe(0);
    const beyond = proJourney({ plan: 'pro_plus' });
    beyond.deduct(3_000);
    beyond.bonus(50, { priority: 10 });
    beyond.deduct(50, 'use:k');
    beyond.wait(1_000).snapshot({ plan: 'pro' });
    beyond.refund('use:k');
    expect(beyond.account.period.uncharged_use).toBe(2_000);
    expect(beyond.lot('lot_5')?.remaining).toBe(50);
  });

  test('gives a new lot nothing if the old one had lapsed before', () => {
    const journey = proJourney();
    journey.deduct(300, 'use:k');
    journey.now = pro_paid_through + 3 * day_ms;
    journey.roll();
    const anchor_at = journey.now;
    journey.snapshot({ billing_cycle_anchor: anchor_at });
    journey.paid(anchor_at + 30 * day_ms, 'sub_1', anchor_at);
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 1_000 });
    journey.refund('use:k');
    expect(journey.account.lots).toMatchObject([{ amount: 1_000, remaining: 1_000 }]);
  });

  test('to an unlimited plan lowers the counted use', () => {
    const journey = proJourney();
    journey.deduct(600, 'use:k');
    journey.wait(1_000).snapshot({ plan: 'ultimate' });
    journey.deduct(100);
    journey.refund('use:k', 400);
    expect(journey.account.period.uncharged_use).toBe(300);
    expect(journey.account.lots).toEqual([]);
    journey.wait(1_000).snapshot({ plan: 'pro' });
    expect(journey.monthly?.remaining).toBe(700);
  });

  test('of several charges across two replaced lots never gives more than was counted', () => {
    const journey = proJourney();
    journey.hold(400, 'h', { expires_in_s: 86_400 });
    journey.deduct(600, 'use:k');
    journey.wait(1_000).snapshot({ plan: 'ultimate' });
    journey.wait(1_000).snapshot({ plan: 'pro_plus' });
    // 400 pins stayed behind, and count as used.
    expect(journey.monthly?.remaining).toBe(4_000);
    journey.settle('h', 500);
    expect(journey.entry('settle:h')?.lots.map(({ id, amount }) => [id, amount])).toEqual([
      ['lot_3', -400],
      ['lot_8', -100],
    ]);
    journey.refund('settle:h');
    expect(lastOf(journey, 1)[0]?.lots).toEqual([{ id: 'lot_8', kind: 'monthly', amount: 500 }]);
    journey.refund('use:k');
    expect(journey.monthly).toMatchObject({ amount: 5_000, remaining: 5_000 });
  });
});

describe('refund after a fresh period has begun', () => {
  test('to the old allowance is lost; the new period’s use stays', () => {
    const journey = proJourney();
    journey.deduct(300, 'use:k');
    journey.wait(1_000).snapshot({ status: 'canceled' });
    journey.deduct(60);
    journey.refund('use:k');
    expect(journey.monthly).toMatchObject({ amount: 100, remaining: 40 });
    expect(journey.account.lots).toHaveLength(1);
  });

  test.each([
    ['back to free', 'canceled', 40, 100],
    ['a subscription begins', 'active', 940, 1_000],
  ])('%s: what held credits of the old period paid is lost too', (_, status, remaining, amount) => {
    const journey = status === 'canceled' ? proJourney() : new Journey('2026-03-01T08:30:00.250Z');
    if (status === 'active') journey.to('2026-03-10T12:00:00Z');
    journey.hold(50, 'h');
    journey.wait(1_000).snapshot({ status });
    if (status === 'active') journey.paid(pro_paid_through);
    journey.deduct(60);
    journey.settle('h', 50);
    journey.refund('settle:h');
    expect(journey.monthly).toMatchObject({ amount, remaining });
    expect(journey.account.lots).toHaveLength(1);
  });

  test('what held credits of the last period paid is lost too', () => {
    const journey = new Journey('2026-03-31T23:30:00Z');
    journey.now = instant('2026-04-30T23:00:00Z');
    journey.hold(50, 'h');
    journey.wait(1_800_000);
    journey.deduct(60);
    journey.settle('h', 50);
    journey.refund('settle:h');
    expect(journey.account.lots).toMatchObject([{ remaining: 40 }]);
  });
});

describe('refund of a charge that an unlimited plan covered', () => {
  const covered = () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.bonus(50);
    journey.deduct(700, 'use:k', { feature: 'ads' });
    return journey;
  };

  test('has amount 0 and lowers the counted use, up to the charge', () => {
    const journey = covered();
    journey.deduct(100);
    expect(journey.refund('use:k', 300)).toBeNull();
    const refund = lastOf(journey, 1)[0];
    expect(refund).toMatchObject({
      transaction_type: 'refund',
      refunds: 'use:k',
      feature: 'ads',
      covered_by: 'unlimited',
      covered_credits: 300,
      amount: 0,
      lots: [],
      balance_after: 50,
    });
    expect(journey.account.period.uncharged_use).toBe(500);
    expect(journey.refund('use:k', 401)).toMatchObject({ members: { refundable_credits: 400 } });
    expect(journey.refund('use:k')).toBeNull();
    expect(journey.account.period.uncharged_use).toBe(100);
    expect(journey.refund('use:k')).toMatchObject({ members: { refundable_credits: 0 } });
  });

  test('goes to the limited allowance after a plan change: first to the use beyond it', () => {
    const journey = covered();
    journey.deduct(700, 'use:more');
    journey.wait(1_000);
    journey.snapshot({ plan: 'pro' });
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 0 });
    expect(journey.account.period.uncharged_use).toBe(400);
    journey.refund('use:k', 500);
    expect(lastOf(journey, 1)[0]).toMatchObject({
      amount: 100,
      covered_by: 'unlimited',
      covered_credits: 400,
      lots: [{ id: journey.monthly?.id, kind: 'monthly', amount: 100 }],
    });
    expect(journey.account.period.uncharged_use).toBe(0);
    journey.refund('use:k');
    expect(lastOf(journey, 1)[0]).toMatchObject({ amount: 200, balance_after: 350 });
    expect(lastOf(journey, 1)[0]?.covered_by).toBeUndefined();
    expect(journey.monthly?.remaining).toBe(300);
  });

  test('is not refused above the account’s limit, since it moves no credits', () => {
    const journey = covered();
    journey.deduct(balance_max + 1, 'use:much');
    expect(journey.refund('use:much')).toBeNull();
    expect(journey.account.period.uncharged_use).toBe(700);
  });

  test('of an earlier period lowers nothing', () => {
    const journey = covered();
    journey.paid('2026-05-10T12:00:00Z');
    journey.now = pro_paid_through;
    journey.deduct(400);
    journey.refund('use:k');
    expect(journey.account.period.uncharged_use).toBe(400);
  });

  test('lowers the use of a period that the charge itself opened', () => {
    const journey = covered();
    journey.paid('2026-05-10T12:00:00Z');
    journey.now = pro_paid_through;
    journey.deduct(400, 'use:first');
    journey.refund('use:first', 150);
    expect(journey.account.period.uncharged_use).toBe(250);
  });
});
