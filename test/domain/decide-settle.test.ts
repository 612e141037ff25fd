import { describe, expect, test } from 'vitest';
import { availableIn } from '../../shared/domain/ledger/lot.ts';
import { decideSettle } from '../../shared/domain/spend/decide-settle.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { day_ms, hour_ms } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, proJourney } from './fixtures.ts';

const begun_at = instant('2026-03-01T23:00:00Z');

/** 60 of 140 held: 40 in a bonus that burns first, 20 in the monthly lot. */
function held(expires_at: number | null = null): Journey {
  const journey = new Journey(begun_at);
  journey.bonus(40, { priority: 10, expires_at });
  journey.hold(60, 'h', { description: 'a video', feature: 'ads' });
  return journey;
}

const settlementOf = (journey: Journey) => journey.entry('settle:h');

describe('settle a hold', () => {
  test('for less charges the held lots in their order and frees the rest', () => {
    const journey = held().wait(1_000);
    expect(journey.settle('h', 45)).toBeNull();
    expect(settlementOf(journey)).toEqual({
      entry_id: 'settle:h',
      transaction_type: 'usage',
      description: 'a video',
      created_at: begun_at + 1_000,
      actor: 'u_1',
      fingerprint: '45',
      hold_id: 'h',
      feature: 'ads',
      account_id: 'u_1',
      seq: 4,
      amount: -45,
      balance_after: 95,
      lots: [
        {
          id: 'lot_2',
          kind: 'bonus',
          amount: -40,
          terms: { amount: 40, priority: 10, expires_at: null, created_at: begun_at },
        },
        {
          id: 'lot_1',
          kind: 'monthly',
          amount: -5,
          terms: { amount: 100, priority: 50, expires_at: instant('2026-04-01T23:00:00Z'), created_at: begun_at },
        },
      ],
      hash: journey.account.head_hash,
    });
    expect(journey.account.holds).toEqual([]);
    expect(journey.account.lots).toMatchObject([{ id: 'lot_1', remaining: 95, held: 0 }]);
  });

  test('for 0 writes an entry that moves nothing, and counts no use', () => {
    const journey = held();
    const decided = decideSettle({
      hold_id: 'h',
      fingerprint: 'f',
      amount: 0,
      if_insufficient: 'reject',
      actor: 'u_1',
      user: null,
    })(presentOf(journey.account, catalog, journey.now));
    expect(decided).not.toHaveProperty('usage');
    journey.settle('h', 0);
    expect(settlementOf(journey)).toMatchObject({ amount: 0, lots: [] });
    expect(settlementOf(journey)).not.toHaveProperty('shortfall_credits');
    expect(availableIn(journey.account.lots)).toBe(140);
  });

  test('counts its feature on the day of the settlement', () => {
    const journey = held().wait(3_599_999);
    const settle = {
      hold_id: 'h',
      fingerprint: 'f',
      amount: 45,
      if_insufficient: 'reject',
      actor: 'u_1',
      user: null,
    } as const;
    const usage = (at: number) => decideSettle(settle)(presentOf(journey.account, catalog, at));
    expect(usage(begun_at)).toMatchObject({ usage: { feature: 'ads', day: '2026-03-01', count: 1, credits: 45 } });
    const nameless = new Journey(begun_at);
    nameless.hold(60, 'h');
    expect(decideSettle(settle)(presentOf(nameless.account, catalog, begun_at))).not.toHaveProperty('usage');
    nameless.settle('h', 1);
    expect(settlementOf(nameless)).not.toHaveProperty('feature');
  });

  test('for a single credit', () => {
    const journey = held();
    journey.settle('h', 1);
    expect(settlementOf(journey)).toMatchObject({ amount: -1, lots: [{ id: 'lot_2', amount: -1 }] });
    expect(journey.lot('lot_2')).toMatchObject({ remaining: 39, held: 0 });
  });

  test('for exactly what it held', () => {
    const journey = held();
    journey.settle('h', 60);
    expect(settlementOf(journey)?.lots).toMatchObject([
      { id: 'lot_2', amount: -40 },
      { id: 'lot_1', amount: -20 },
    ]);
    expect(journey.account.lots).toMatchObject([{ remaining: 80, held: 0 }]);
  });

  test('for more takes the rest from available credits in burn order, and names each lot once', () => {
    const journey = held();
    journey.bonus(30, { priority: 60 });
    journey.settle('h', 150);
    expect(settlementOf(journey)?.lots).toMatchObject([
      { id: 'lot_2', amount: -40 },
      { id: 'lot_1', amount: -100 },
      { id: 'lot_4', amount: -10 },
    ]);
    expect(journey.account.lots).toMatchObject([{ remaining: 0 }, { id: 'lot_4', remaining: 20 }]);
  });

  test('leaves the credits of other holds alone', () => {
    const journey = held();
    journey.hold(70, 'other');
    expect(journey.settle('h', 71)).toMatchObject({ members: { required: 11, available_credits: 10 } });
    expect(journey.settle('h', 70)).toBeNull();
    expect(journey.monthly).toMatchObject({ remaining: 70, held: 70 });
  });

  test('by a slower clock is booked at the account’s time', () => {
    const journey = held().wait(-300_000);
    journey.settle('h', 1);
    expect(settlementOf(journey)?.created_at).toBe(begun_at);
  });
});

describe('settle a hold for more than can be charged', () => {
  test('is refused, and the hold stays open', () => {
    const journey = held();
    const before = journey.account;
    const refused = journey.settle('h', 141);
    expect(refused).toMatchObject({ code: 'insufficient_credits' });
    expect(refused).toMatchObject({ members: { required: 81, available_credits: 80 } });
    expect(journey.account).toBe(before);
    expect(journey.settle('h', 140)).toBeNull();
    expect(availableIn(journey.account.lots)).toBe(0);
  });

  test('with charge_available charges what there is and names the shortfall', () => {
    const journey = held();
    expect(journey.settle('h', 200, 'charge_available')).toBeNull();
    expect(settlementOf(journey)).toMatchObject({ amount: -140, balance_after: 0, shortfall_credits: 60 });
  });

  test('with charge_available has no shortfall for exactly what there is', () => {
    const journey = held();
    journey.settle('h', 140, 'charge_available');
    expect(settlementOf(journey)).not.toHaveProperty('shortfall_credits');
  });
});

test.each([
  ['a service', null, 'the user', 'ann'],
  ['a user', 'ann', 'another user', 'ben'],
])('a hold that %s (%s) opened stays open when %s (%s) settles it: hold_of_another', (_, opener, __, user) => {
  const journey = new Journey(begun_at);
  journey.hold(60, 'h', { user: opener });
  expect(journey.settle('h', 0, 'reject', user)).toMatchObject({ code: 'hold_of_another' });
  expect(journey.settle('h', 0, 'charge_available', user)).toMatchObject({ code: 'hold_of_another' });
  expect(journey.account.holds).toHaveLength(1);
  expect(journey.settle('h', 60, 'reject', opener)).toBeNull();
});

test('a service settles the hold of a user', () => {
  const journey = new Journey(begun_at);
  journey.hold(60, 'h', { user: 'ann' });
  expect(journey.settle('h', 60)).toBeNull();
});

describe('settle a hold that is not open', () => {
  const settle = {
    hold_id: 'h',
    fingerprint: 'f',
    amount: 1,
    if_insufficient: 'reject',
    actor: 'u_1',
    user: null,
  } as const;

  test('is refused from the very moment of its expiry, and not a millisecond before', () => {
    const journey = held().wait(hour_ms);
    expect(decideSettle(settle)(presentOf(journey.account, catalog, journey.now))).toEqual({
      asks: { kind: 'entry', id: 'hold:h' },
    });
    expect(journey.settle('h', 1)).toMatchObject({ code: 'hold_closed' });
    expect(journey.account.holds).toHaveLength(1);
    expect(journey.wait(-1).settle('h', 1)).toBeNull();
  });

  test('is refused after a settlement, and for a hold that never existed', () => {
    const journey = held();
    journey.settle('h', 1);
    expect(journey.settle('h', 1)).toMatchObject({ code: 'hold_closed' });
    expect(journey.settle('other', 1)).toMatchObject({ code: 'hold_not_found' });
  });
});

describe('settle a hold whose lots have ended', () => {
  test('charges the ended lots first', () => {
    const journey = new Journey(begun_at);
    journey.bonus(30, { priority: 60, expires_at: begun_at + 600_000 });
    journey.hold(130, 'h');
    expect(journey.account.holds[0]?.pins.map(({ lot_id }) => lot_id)).toEqual(['lot_1', 'lot_2']);
    journey.wait(600_000).settle('h', 40);
    expect(settlementOf(journey)?.lots).toMatchObject([
      { id: 'lot_2', amount: -30 },
      { id: 'lot_1', amount: -10 },
    ]);
    expect(journey.account.lots).toMatchObject([{ id: 'lot_1', remaining: 90, held: 0 }]);
    expect(journey.entry('expire:h')).toBeUndefined();
  });

  test('loses what it frees of them, in one entry', () => {
    const journey = new Journey(begun_at);
    journey.bonus(30, { expires_at: begun_at + 600_000, priority: 10 });
    journey.bonus(20, { expires_at: begun_at + 700_000, priority: 11 });
    journey.hold(60, 'h');
    journey.wait(700_000).settle('h', 15);
    const { seq } = journey.account;
    expect(journey.entries.slice(seq - 2)).toMatchObject([
      { entry_id: 'settle:h', amount: -15, lots: [{ id: 'lot_2', amount: -15 }] },
      {
        entry_id: 'expire:h',
        created_at: journey.now,
        amount: -35,
        lots: [
          { id: 'lot_2', kind: 'bonus', amount: -15 },
          { id: 'lot_3', kind: 'bonus', amount: -20 },
        ],
      },
    ]);
    expect(journey.account.lots).toMatchObject([{ id: 'lot_1', remaining: 100, held: 0 }]);
  });

  test('charges the ended monthly lot first too', () => {
    const journey = new Journey('2026-03-31T22:30:00Z');
    journey.hold(70, 'h', { expires_in_s: 86_400 });
    journey.now = instant('2026-04-30T22:30:00Z') - hour_ms;
    journey.hold(80, 'late', { expires_in_s: 86_400 });
    journey.wait(2 * hour_ms).roll();
    expect(journey.account.lots).toMatchObject([
      { id: 'lot_1', remaining: 80, held: 80, is_closed: true },
      { kind: 'monthly', remaining: 100, held: 0, is_closed: false },
    ]);
    journey.settle('late', 100);
    expect(journey.entry('settle:late')?.lots).toMatchObject([
      { id: 'lot_1', amount: -80 },
      { kind: 'monthly', amount: -20 },
    ]);
    expect(journey.account.lots).toMatchObject([{ remaining: 80 }]);
  });
});

describe('settle a hold on an unlimited plan', () => {
  test('is covered: it moves nothing, and is counted', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.hold(500, 'h');
    journey.settle('h', 700);
    expect(settlementOf(journey)).toMatchObject({ amount: 0, covered_by: 'unlimited', covered_credits: 700, lots: [] });
    expect(journey.account.period.uncharged_use).toBe(700);
    expect(journey.account.holds).toEqual([]);
  });

  test('frees what was held before; credits of ended lots are lost', () => {
    const journey = proJourney();
    journey.bonus(50, { priority: 10 });
    journey.hold(300, 'h', { expires_in_s: 86_400 });
    journey.wait(1_000).snapshot({ plan: 'ultimate' });
    journey.settle('h', 100);
    expect(settlementOf(journey)).toMatchObject({ amount: 0, covered_credits: 100 });
    expect(journey.entry('expire:h')).toMatchObject({ amount: -250, lots: [{ id: 'lot_3', amount: -250 }] });
    expect(journey.account.lots).toMatchObject([{ kind: 'bonus', remaining: 50, held: 0 }]);
  });

  test('is refused for more than the counter can still take', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.hold(5, 'h');
    journey.deduct(Number.MAX_SAFE_INTEGER - 10);
    expect(journey.settle('h', 11)).toMatchObject({ code: 'credits_out_of_range', members: { most: 10 } });
    expect(journey.settle('h', 12, 'charge_available')).toBeNull();
    expect(settlementOf(journey)).toMatchObject({ covered_credits: 10, shortfall_credits: 2 });
  });

  test('opened there and settled on a limited plan takes available credits', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.hold(1_200, 'h', { expires_in_s: 86_400 });
    journey.wait(1_000).snapshot({ plan: 'pro' });
    expect(journey.settle('h', 1_001)).toMatchObject({ members: { required: 1_001, available_credits: 1_000 } });
    expect(journey.settle('h', 900)).toBeNull();
    expect(settlementOf(journey)).toMatchObject({ amount: -900 });
    expect(journey.monthly?.remaining).toBe(100);
  });

  test('is not covered once the renewal grace is over', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.bonus(50);
    journey.now = instant('2026-04-13T12:00:00Z') - day_ms + 1;
    journey.hold(500, 'h', { expires_in_s: 86_400 });
    journey.to('2026-04-13T12:00:00Z').settle('h', 500, 'charge_available');
    expect(settlementOf(journey)).toMatchObject({ amount: -50, shortfall_credits: 450 });
  });
});
