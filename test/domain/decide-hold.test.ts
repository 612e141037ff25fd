import { describe, expect, test } from 'vitest';
import { availableIn } from '../../shared/domain/ledger/lot.ts';
import { decideHold, type OpenHold } from '../../shared/domain/spend/decide-hold.ts';
import { dueAt } from '../../shared/domain/time/roll-forward.ts';
import { catalog, instant, Journey, proJourney } from './fixtures.ts';

const now = instant('2026-03-01T23:59:59.999Z');

const open: OpenHold = {
  hold_id: 'h_1',
  fingerprint: 'f1',
  amount: 60,
  description: 'a video',
  feature: 'ads',
  expires_in_s: 90,
  actor: 'anna',
  user: 'anna',
  member: 'anna',
};

describe('open a hold', () => {
  test('writes one entry that moves nothing, and pins the amount in burn order', () => {
    const journey = new Journey(now);
    journey.bonus(40, { priority: 10 });
    journey.commit(decideHold(open));
    const expires_at = now + 90_000;
    expect(journey.entries.at(-1)).toEqual({
      entry_id: 'hold:h_1',
      transaction_type: 'hold',
      description: 'a video',
      created_at: now,
      actor: 'anna',
      fingerprint: 'f1',
      feature: 'ads',
      hold_id: 'h_1',
      held_credits: 60,
      hold_expires_at: expires_at,
      account_id: 'u_1',
      seq: 3,
      amount: 0,
      balance_after: 140,
      lots: [],
      hash: journey.account.head_hash,
    });
    expect(journey.account.holds).toEqual([
      {
        id: 'h_1',
        amount: 60,
        pins: [
          { lot_id: 'lot_2', amount: 40 },
          { lot_id: 'lot_1', amount: 20 },
        ],
        description: 'a video',
        feature: 'ads',
        member: 'anna',
        opened_by: 'anna',
        created_at: now,
        expires_at,
      },
    ]);
    expect(journey.account.lots).toMatchObject([
      { id: 'lot_1', remaining: 100, held: 20 },
      { id: 'lot_2', remaining: 40, held: 40 },
    ]);
    expect(dueAt(journey.account, catalog)).toBe(expires_at);
  });

  test('needs neither a feature nor a member', () => {
    const journey = new Journey(now);
    const { feature: _, member: __, ...nameless } = open;
    journey.commit(decideHold(nameless));
    expect(journey.account.holds).toMatchObject([{ feature: null, member: null }]);
    expect(journey.entries.at(-1)).not.toHaveProperty('feature');
    expect(journey.entries.at(-1)).not.toHaveProperty('member');
  });

  test('takes all available credits and refuses one more: all or nothing', () => {
    const journey = new Journey(now);
    const before = journey.account;
    const refused = journey.hold(101);
    expect(refused).toMatchObject({ code: 'insufficient_credits', members: { required: 101, available_credits: 100 } });
    expect(journey.account).toBe(before);
    expect(journey.hold(100)).toBeNull();
    expect(journey.hold(1)).toMatchObject({ members: { required: 1, available_credits: 0 } });
    expect(journey.deduct(1)).toMatchObject({ members: { required: 1, available_credits: 0 } });
  });

  test('leaves the credits of other holds alone', () => {
    const journey = new Journey(now);
    journey.hold(30, 'h_1');
    journey.hold(50, 'h_2');
    expect(journey.account.holds.map(({ id }) => id)).toEqual(['h_1', 'h_2']);
    expect(journey.monthly).toMatchObject({ remaining: 100, held: 80 });
  });

  test('is refused beyond a hundred open holds', () => {
    const journey = new Journey(now);
    for (let nth = 1; nth <= 100; nth += 1) expect(journey.hold(1, `h_${nth}`)).toBeNull();
    const refused = journey.hold(1, 'h_101');
    expect(refused).toMatchObject({ code: 'too_many_holds' });
    expect(refused?.message).toContain('100 open holds');
    journey.bonus(50);
    expect(journey.hold(1, 'h_101')).toMatchObject({ code: 'too_many_holds' });
    journey.release('h_50');
    expect(journey.hold(1, 'h_101')).toBeNull();
  });

  test('first brings the account to now: expired credits are not pinned, expired holds are freed', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.bonus(50, { expires_at: instant('2026-03-01T01:00:00Z') });
    journey.hold(100, 'h_1');
    journey.to('2026-03-01T00:59:59.999Z');
    expect(journey.hold(51)).toMatchObject({ members: { available_credits: 50 } });
    journey.wait(1);
    expect(journey.hold(101)).toMatchObject({ members: { available_credits: 100 } });
    expect(journey.hold(100)).toBeNull();
  });

  test('by a clock five minutes behind begins at the account’s time', () => {
    const journey = new Journey(now).wait(-300_000);
    journey.hold(1, 'h_1', { expires_in_s: 10 });
    expect(journey.account.holds).toMatchObject([{ created_at: now, expires_at: now + 10_000 }]);
    expect(journey.entries.at(-1)).toMatchObject({ created_at: now, hold_expires_at: now + 10_000 });
  });
});

describe('open a hold on an unlimited plan', () => {
  test('pins nothing, even if the account has other lots', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.bonus(50);
    expect(journey.hold(1_000_000, 'h_1')).toBeNull();
    expect(journey.account.holds).toMatchObject([{ amount: 1_000_000, pins: [] }]);
    expect(journey.lot('lot_4')).toMatchObject({ remaining: 50, held: 0 });
    expect(availableIn(journey.account.lots)).toBe(50);
  });

  test('is refused for more than the counter can still take', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.deduct(Number.MAX_SAFE_INTEGER - 10);
    expect(journey.hold(11)).toMatchObject({ code: 'credits_out_of_range', members: { most: 10 } });
    expect(journey.hold(10)).toBeNull();
  });

  test('pins available credits once the renewal grace is over', () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.bonus(50);
    journey.to('2026-04-13T12:00:00Z');
    expect(journey.hold(51)).toMatchObject({ members: { available_credits: 50 } });
    expect(journey.hold(50)).toBeNull();
    expect(journey.lot('lot_4')).toMatchObject({ held: 50 });
  });
});
