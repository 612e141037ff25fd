import { describe, expect, test } from 'vitest';
import { day_ms } from '../../shared/domain/units.ts';
import { instant, Journey, pro_paid_through, proJourney } from './fixtures.ts';

describe('open holds when the plan changes', () => {
  const day_s = 86_400;
  const shapeOf = ({ account }: Journey) =>
    account.lots.map(({ kind, amount, remaining, held, is_closed }) => [kind, amount, remaining, held, is_closed]);

  test('move to the new monthly lot; what was used is carried over beside them', () => {
    const journey = proJourney();
    journey.bonus(50, { priority: 10 });
    journey.deduct(150);
    journey.hold(200, 'h', { expires_in_s: day_s });
    journey.wait(1_000);
    const { seq } = journey.account;
    journey.snapshot({ plan: 'pro_plus' });
    expect(journey.entries.slice(seq)).toMatchObject([
      { amount: -900, lots: [{ id: 'lot_3', kind: 'monthly', amount: -900 }], balance_after: 0 },
      { amount: 4_900, balance_after: 4_900 },
    ]);
    expect(shapeOf(journey)).toEqual([['monthly', 5_000, 4_900, 200, false]]);
    expect(journey.account.holds).toMatchObject([{ pins: [{ lot_id: 'lot_8', amount: 200 }] }]);
    expect(journey.account.period.uncharged_use).toBe(0);
  });

  test('move the oldest first as far as the new allowance reaches; the rest stays in the old lot and counts as used', () => {
    const journey = proJourney({ plan: 'pro_plus' });
    journey.bonus(30, { priority: 10 });
    journey.deduct(430);
    journey.hold(500, 'h_1', { expires_in_s: day_s });
    journey.hold(300, 'h_2', { expires_in_s: day_s });
    journey.hold(20, 'h_3', { expires_in_s: day_s });
    journey.wait(1_000);
    const { seq } = journey.account;
    journey.snapshot({ plan: 'pro' });
    const close = journey.entries[seq];
    expect(close).toMatchObject({ amount: -4_380, lots: [{ id: 'lot_3', amount: -4_380 }] });
    expect(journey.entries[seq + 1]).toMatchObject({ amount: 600, balance_after: 820 });
    expect(shapeOf(journey)).toEqual([
      ['monthly', 5_000, 220, 220, true],
      ['monthly', 1_000, 600, 600, false],
    ]);
    const opened = `lot_${seq + 2}`;
    expect(journey.account.holds.map(({ pins }) => pins)).toEqual([
      [{ lot_id: opened, amount: 500 }],
      [
        { lot_id: opened, amount: 100 },
        { lot_id: 'lot_3', amount: 200 },
      ],
      [{ lot_id: 'lot_3', amount: 20 }],
    ]);
    expect(journey.account.period.uncharged_use).toBe(220);
    journey.wait(1_000).snapshot({ plan: 'pro_plus' });
    expect(journey.monthly).toMatchObject({ amount: 5_000, remaining: 4_380, held: 600 });
    expect(journey.account.period.uncharged_use).toBe(0);
  });

  test('stay in lots that are not monthly', () => {
    const journey = proJourney();
    journey.bonus(50, { priority: 10 });
    journey.hold(80, 'h', { expires_in_s: day_s });
    journey.wait(1_000).snapshot({ plan: 'pro_plus' });
    expect(journey.account.holds[0]?.pins).toMatchObject([{ lot_id: 'lot_4', amount: 50 }, { amount: 30 }]);
    expect(journey.lot('lot_4')).toMatchObject({ remaining: 50, held: 50, is_closed: false });
  });

  test('stay behind on a change to an unlimited plan, and count as used on the change back', () => {
    const journey = proJourney();
    journey.deduct(100);
    journey.hold(300, 'h', { expires_in_s: day_s });
    journey.wait(1_000).snapshot({ plan: 'ultimate' });
    expect(shapeOf(journey)).toEqual([['monthly', 1_000, 300, 300, true]]);
    expect(journey.account.period.uncharged_use).toBe(400);
    journey.wait(1_000).snapshot({ plan: 'pro' });
    expect(shapeOf(journey)).toEqual([
      ['monthly', 1_000, 300, 300, true],
      ['monthly', 1_000, 600, 0, false],
    ]);
  });

  test('stay behind when a fresh period begins, and do not reduce it', () => {
    const journey = new Journey('2026-03-01T08:30:00.250Z').to('2026-03-10T12:00:00Z');
    journey.hold(60, 'h', { expires_in_s: day_s });
    journey.snapshot();
    journey.paid(pro_paid_through);
    expect(shapeOf(journey)).toEqual([
      ['monthly', 100, 60, 60, true],
      ['monthly', 1_000, 1_000, 0, false],
    ]);
    expect(journey.account.period.uncharged_use).toBe(0);
    journey.release('h');
    expect(journey.entries.at(-1)).toMatchObject({ entry_id: 'expire:h', amount: -60 });
  });

  test('count as used when the account leaves a paid period and comes back to it', () => {
    const journey = proJourney();
    journey.deduct(100);
    journey.hold(300, 'h', { expires_in_s: day_s });
    journey.wait(1_000).snapshot({ status: 'unpaid' });
    expect(journey.account.subscription?.left).toMatchObject({ index: 0, used: 400 });
    expect(shapeOf(journey)).toEqual([
      ['monthly', 1_000, 300, 300, true],
      ['monthly', 100, 100, 0, false],
    ]);
    journey.wait(1_000).snapshot({ status: 'active' });
    expect(journey.monthly).toMatchObject({ remaining: 600 });
  });

  test('stay behind when the change comes after the renewal grace', () => {
    const journey = proJourney();
    journey.now = pro_paid_through + 3 * day_ms - 1_000;
    journey.hold(300, 'h', { expires_in_s: day_s });
    journey.wait(1_000).snapshot({ plan: 'pro_plus' });
    expect(shapeOf(journey)).toEqual([['monthly', 1_000, 300, 300, true]]);
    expect(journey.entries.at(-1)).toMatchObject({ transaction_type: 'plan_change', amount: 0 });
  });

  test('move even for a single credit', () => {
    const journey = proJourney();
    journey.hold(1, 'h', { expires_in_s: day_s });
    journey.wait(1_000).snapshot({ plan: 'pro_plus' });
    expect(shapeOf(journey)).toEqual([['monthly', 5_000, 5_000, 1, false]]);
    expect(journey.account.holds[0]?.pins).toEqual([{ lot_id: journey.monthly?.id, amount: 1 }]);
  });

  test('stay behind when a trial becomes a paid period, and do not reduce it', () => {
    const ends_at = instant('2026-03-24T12:00:00Z');
    const journey = proJourney({ status: 'trialing', billing_cycle_anchor: ends_at, current_period_end: ends_at });
    journey.to('2026-03-15T00:00:00Z').hold(300, 'h', { expires_in_s: day_s });
    const { seq } = journey.account;
    const billing_cycle_anchor = journey.now;
    journey.snapshot({ billing_cycle_anchor });
    journey.paid('2026-04-15T00:00:00Z');
    expect(shapeOf(journey)).toEqual([
      ['monthly', 1_000, 300, 300, true],
      ['monthly', 1_000, 1_000, 0, false],
    ]);
    expect(journey.account.period).toMatchObject({ index: 0, uncharged_use: 0, opened_seq: seq });
  });
});

describe('entries that count in the running period', () => {
  test('are all since it was opened, across plan changes, and none from before', () => {
    const journey = proJourney();
    const { opened_seq } = journey.account.period;
    expect(opened_seq).toBe(1);
    journey.wait(1_000).snapshot({ plan: 'pro_plus' });
    expect(journey.account.period.opened_seq).toBe(opened_seq);
    journey.wait(1_000);
    const { seq } = journey.account;
    journey.snapshot({ status: 'canceled' });
    expect(journey.account.period.opened_seq).toBe(seq);
  });
});
