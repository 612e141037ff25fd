import { describe, expect, test } from 'vitest';
import { availableIn } from '../../shared/domain/ledger/lot.ts';
import { decideRefund } from '../../shared/domain/spend/decide-refund.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { balance_max, day_ms } from '../../shared/domain/units.ts';
import { capped_rollover, catalog, instant, Journey, pro_paid_through, proJourney } from './fixtures.ts';

const begun_at = instant('2026-03-01T00:00:00Z');

/** 150 spent: 30 of a bonus, the monthly 100, 20 of a purchase. */
function spent(): Journey {
  const journey = new Journey(begun_at);
  journey.bonus(30, { priority: 10, expires_at: begun_at + 10 * day_ms });
  journey.grant({ amount: 500, kind: 'purchase' });
  journey.deduct(150, 'use:k', { description: 'a post', feature: 'ads' });
  return journey;
}

const lastOf = (journey: Journey, count: number) => journey.entries.slice(journey.entries.length - count);

describe('refund', () => {
  test('of the whole charge restores each lot, the last spent first', () => {
    const journey = spent();
    const lots = new Journey(begun_at);
    lots.bonus(30, { priority: 10, expires_at: begun_at + 10 * day_ms });
    lots.grant({ amount: 500, kind: 'purchase' });
    journey.wait(1_000);
    const refund = { entry_id: 'refund:k1', fingerprint: 'f1', refunds: 'use:k', actor: 'crm' };
    journey.commit(decideRefund(refund));
    expect(lastOf(journey, 1)).toEqual([
      {
        entry_id: 'refund:k1',
        transaction_type: 'refund',
        description: 'refund: a post',
        created_at: begun_at + 1_000,
        actor: 'crm',
        fingerprint: 'f1',
        refunds: 'use:k',
        feature: 'ads',
        account_id: 'u_1',
        seq: 5,
        amount: 150,
        balance_after: 630,
        lots: [
          { id: 'lot_3', kind: 'purchase', amount: 20 },
          { id: 'lot_1', kind: 'monthly', amount: 100 },
          { id: 'lot_2', kind: 'bonus', amount: 30 },
        ],
        hash: journey.account.head_hash,
      },
    ]);
    expect(journey.account.lots.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(lots.account.lots);
    expect(journey.account.rows.refunded).toEqual([{ entry_id: 'use:k', refunded_credits: 150 }]);
  });

  test('in parts continues where the one before ended', () => {
    const journey = spent();
    const moved = [15, 10, 100, 25].map((amount) => {
      expect(journey.refund('use:k', amount, { description: 'half of it' })).toBeNull();
      return lastOf(journey, 1).map((entry) => [
        entry.description,
        ...entry.lots.map((lot) => [lot.id, lot.amount]),
      ])[0];
    });
    expect(moved).toEqual([
      ['half of it', ['lot_3', 15]],
      ['half of it', ['lot_3', 5], ['lot_1', 5]],
      ['half of it', ['lot_1', 95], ['lot_2', 5]],
      ['half of it', ['lot_2', 25]],
    ]);
    expect(availableIn(journey.account.lots)).toBe(630);
  });

  test('never exceeds the charge in total', () => {
    const journey = spent();
    const refused = journey.refund('use:k', 151);
    expect(refused).toMatchObject({
      code: 'refund_exceeds_charge',
      members: { refundable_credits: 150 },
    });
    expect(refused?.message).toBe('150 credits of this transaction can be refunded');
    expect(journey.refund('use:k', 100)).toBeNull();
    expect(journey.refund('use:k', 51)).toMatchObject({ members: { refundable_credits: 50 } });
    expect(journey.refund('use:k')).toBeNull();
    expect(lastOf(journey, 1)).toMatchObject([{ amount: 50 }]);
    expect(journey.refund('use:k')).toMatchObject({ members: { refundable_credits: 0 } });
    expect(journey.refund('use:k', 1)).toMatchObject({ members: { refundable_credits: 0 } });
  });

  test('first asks for the charge, then for its earlier refunds', () => {
    const { account, entries, now } = spent();
    const refund = { entry_id: 'refund:k', fingerprint: 'f', refunds: 'use:k', actor: 'crm' };
    expect(decideRefund(refund)(presentOf(account, catalog, now))).toEqual({ asks: { kind: 'entry', id: 'use:k' } });
    const entry = entries.find(({ entry_id }) => entry_id === 'use:k') ?? null;
    const rows = { ...account.rows, evidence: [{ entry_id: 'use:k', entry }] };
    expect(decideRefund(refund)(presentOf({ ...account, rows }, catalog, now))).toEqual({
      asks: { kind: 'refunded', id: 'use:k' },
    });
  });

  test('of an unknown entry, or of one that is no charge, is refused', () => {
    const journey = spent();
    const refused = journey.refund('use:other');
    expect(refused).toMatchObject({ code: 'entry_not_found' });
    expect(refused?.message).toBe('the account has no transaction with this entry_id');
    journey.hold(10, 'h');
    journey.refund('use:k', 1);
    for (const { entry_id } of journey.entries.filter(({ transaction_type }) => transaction_type !== 'usage')) {
      expect(journey.refund(entry_id)).toMatchObject({
        code: 'refund_exceeds_charge',
        members: { refundable_credits: 0 },
      });
    }
    journey.settle('h', 0);
    expect(journey.refund('settle:h')).toMatchObject({ members: { refundable_credits: 0 } });
  });

  test('brings no account above 2^52', () => {
    const journey = new Journey(begun_at);
    journey.deduct(100, 'use:k');
    journey.bonus(balance_max - 40);
    const refused = journey.refund('use:k');
    expect(refused).toMatchObject({ code: 'credits_out_of_range' });
    expect(refused).toMatchObject({ members: { most: 40 } });
    expect(journey.refund('use:k', 41)).toMatchObject({ members: { most: 40 } });
    expect(journey.refund('use:k', 40)).toBeNull();
    expect(journey.refund('use:k', 1)).toMatchObject({ members: { most: 0 } });
    journey.to('2026-04-01T00:00:00Z').roll();
    expect(journey.refund('use:k')).toMatchObject({ members: { most: 0 } });
  });

  test('by a slower clock is booked at the account’s time', () => {
    const journey = spent().wait(-300_000);
    journey.refund('use:k');
    expect(lastOf(journey, 1)).toMatchObject([{ created_at: begun_at }]);
  });
});

describe('refund to a lot that', () => {
  test('has expired: the credits come back and are lost at once, from the very moment of expiry', () => {
    for (const [ms, left] of [
      [-1, 30],
      [0, 0],
    ] as const) {
      const journey = spent().wait(10 * day_ms + ms);
      journey.refund('use:k', undefined, { entry_id: 'refund:k1' });
      expect(journey.lot('lot_2')?.remaining ?? 0).toBe(left);
      expect(journey.lot('lot_1')?.remaining).toBe(100);
      expect(journey.entry('expire:refund:k1')?.amount).toBe(left === 0 ? -30 : undefined);
    }
  });

  test('has expired: one entry for all that is lost', () => {
    const journey = spent().to('2026-04-01T00:00:00Z').roll();
    journey.refund('use:k', undefined, { entry_id: 'refund:k1' });
    expect(lastOf(journey, 2)).toMatchObject([
      { entry_id: 'refund:k1', amount: 150, balance_after: 730 },
      {
        entry_id: 'expire:refund:k1',
        transaction_type: 'expire',
        actor: 'system',
        created_at: journey.now,
        amount: -130,
        balance_after: 600,
        lots: [
          { id: 'lot_1', kind: 'monthly', amount: -100 },
          { id: 'lot_2', kind: 'bonus', amount: -30 },
        ],
      },
    ]);
    expect(journey.account.lots.map(({ id, remaining }) => [id, remaining])).toEqual([
      ['lot_3', 500],
      [expect.any(String), 100],
    ]);
  });

  test('was emptied, refunded and spent again: it comes back', () => {
    const journey = spent();
    journey.refund('use:k');
    journey.deduct(150, 'use:again');
    expect(journey.lot('lot_2')).toBeUndefined();
    journey.refund('use:again');
    expect(journey.lot('lot_2')).toMatchObject({ remaining: 30, amount: 30, priority: 10, is_closed: false });
  });

  test('never expires and was emptied: it comes back', () => {
    const journey = new Journey(begun_at);
    journey.bonus(30, { priority: 10 });
    journey.deduct(30, 'use:k');
    journey.to('2027-01-01T00:00:00Z').refund('use:k');
    expect(journey.lot('lot_2')).toMatchObject({ remaining: 30, expires_at: null, is_closed: false });
  });

  test('has ended and is pinned by another hold: the held credits stay', () => {
    const journey = new Journey(begun_at);
    journey.bonus(30, { priority: 10, expires_at: begun_at + 60_000 });
    journey.hold(10, 'h');
    journey.deduct(20, 'use:k');
    journey.wait(60_000).refund('use:k', undefined, { entry_id: 'refund:k1' });
    expect(journey.lot('lot_2')).toMatchObject({ remaining: 10, held: 10, is_closed: true });
    expect(journey.entry('expire:refund:k1')?.lots).toEqual([{ id: 'lot_2', kind: 'bonus', amount: -20 }]);
  });

  test('is in its renewal grace: the credits come back to it', () => {
    const journey = proJourney();
    journey.deduct(300, 'use:k');
    journey.now = pro_paid_through + day_ms;
    journey.refund('use:k');
    expect(journey.monthly?.remaining).toBe(1_000);
    const late = proJourney();
    late.deduct(300, 'use:k');
    late.now = pro_paid_through + 3 * day_ms;
    late.refund('use:k');
    expect(late.account.lots).toEqual([]);
  });

  test('was rolled over: the credits come back to the rolled-over lot', () => {
    const journey = new Journey(begun_at, capped_rollover).to('2026-04-01T00:00:00Z');
    journey.deduct(150, 'use:k');
    const lots = journey.entry('use:k')?.lots;
    expect(lots?.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['monthly', -100],
      ['rollover', -50],
    ]);
    journey.deduct(50);
    journey.refund('use:k', 20);
    expect(journey.account.lots.find(({ kind }) => kind === 'rollover')).toMatchObject({
      remaining: 20,
      amount: 100,
      expires_at: instant('2026-07-01T00:00:00Z'),
      created_at: begun_at,
    });
  });
});

describe('refund of a settled hold', () => {
  test('goes back to the held lots and to those that paid the rest', () => {
    const journey = new Journey(begun_at);
    journey.bonus(30, { priority: 10 });
    journey.hold(20, 'h', { feature: 'ads' });
    journey.settle('h', 50);
    journey.refund('settle:h', 25);
    expect(lastOf(journey, 1)).toMatchObject([
      {
        refunds: 'settle:h',
        feature: 'ads',
        lots: [
          { id: 'lot_1', amount: 20 },
          { id: 'lot_2', amount: 5 },
        ],
      },
    ]);
    expect(lastOf(journey, 1)[0]).not.toHaveProperty('hold_id');
  });

  test('is lost for a held lot that had ended', () => {
    const journey = new Journey(begun_at);
    journey.bonus(30, { priority: 10, expires_at: begun_at + 60_000 });
    journey.hold(30, 'h');
    journey.wait(60_000).settle('h', 30);
    journey.refund('settle:h');
    expect(availableIn(journey.account.lots)).toBe(100);
    expect(journey.account.lots).toHaveLength(1);
  });
});
