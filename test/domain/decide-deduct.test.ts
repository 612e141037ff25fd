import { describe, expect, test } from 'vitest';
import { newAccount } from '../../shared/domain/account/account.ts';
import { type Deduct, decideDeduct } from '../../shared/domain/spend/decide-deduct.ts';
import { presentOf } from '../../shared/domain/time/present.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, proJourney } from './fixtures.ts';

const now = instant('2026-03-01T23:59:59.999Z');

const use: Deduct = {
  entry_id: 'use:k1',
  fingerprint: 'f1',
  amount: 12,
  description: 'a post',
  actor: 'u_1',
};

describe('deduct', () => {
  test('writes one entry with everything about the use', () => {
    const journey = new Journey(now);
    journey.commit(decideDeduct({ ...use, feature: 'basic_posts' }));
    expect(journey.entries.at(-1)).toEqual({
      entry_id: 'use:k1',
      transaction_type: 'usage',
      description: 'a post',
      created_at: now,
      actor: 'u_1',
      fingerprint: 'f1',
      feature: 'basic_posts',
      account_id: 'u_1',
      seq: 2,
      amount: -12,
      balance_after: 88,
      lots: [
        {
          id: 'lot_1',
          kind: 'monthly',
          amount: -12,
          terms: { amount: 100, priority: 50, expires_at: instant('2026-04-01T23:59:59.999Z'), created_at: now },
        },
      ],
      hash: journey.account.head_hash,
    });
  });

  test('opens the first period of a new account in the same commit', () => {
    const decision = decideDeduct(use)(presentOf(newAccount('u_1', catalog, now), catalog, now));
    expect(decision).toMatchObject({ draft: { entries: [{ transaction_type: 'reset' }, { amount: -12 }] } });
  });

  test('counts its feature on its UTC day, and nothing without a feature', () => {
    const { account } = new Journey(now);
    const decision = decideDeduct({ ...use, feature: 'ads' })(presentOf(account, catalog, now));
    expect(decision).toMatchObject({ usage: { feature: 'ads', day: '2026-03-01', count: 1, credits: 12 } });
    expect(decideDeduct({ ...use, feature: 'ads' })(presentOf(account, catalog, now + 1))).toMatchObject({
      usage: { day: '2026-03-02' },
    });
    expect(decideDeduct(use)(presentOf(account, catalog, now))).not.toHaveProperty('usage');
    expect(decideDeduct(use)(presentOf(account, catalog, now))).not.toHaveProperty('draft.entries.0.feature');
  });

  test('takes all available credits, and refuses one more', () => {
    const journey = new Journey(now);
    const refused = journey.deduct(101);
    expect(refused).toMatchObject({ code: 'insufficient_credits', members: { required: 101, available_credits: 100 } });
    expect(journey.entries).toHaveLength(1);
    expect(journey.deduct(100)).toBeNull();
    expect(journey.monthly).toMatchObject({ amount: 100, remaining: 0 });
    expect(journey.deduct(1)).toMatchObject({ members: { required: 1, available_credits: 0 } });
  });

  test('burns several lots in burn order and names each', () => {
    const journey = new Journey(now);
    journey.grant({ amount: 30, priority: 10 });
    journey.grant({ amount: 500, kind: 'purchase' });
    journey.deduct(150);
    expect(journey.entries.at(-1)).toMatchObject({
      amount: -150,
      balance_after: 480,
      lots: [
        { id: 'lot_2', kind: 'bonus', amount: -30 },
        { id: 'lot_1', kind: 'monthly', amount: -100 },
        { id: 'lot_3', kind: 'purchase', amount: -20 },
      ],
    });
    expect(journey.account.lots.map((lot) => lot.id)).toEqual(['lot_1', 'lot_3']);
  });

  test('first brings the account to now: expired credits are not spent, fresh ones are', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.grant({ amount: 50, expires_at: instant('2026-03-05T00:00:00Z') });
    journey.deduct(90);
    journey.to('2026-03-05T00:00:00Z');
    expect(journey.deduct(61)).toMatchObject({ members: { available_credits: 60 } });
    journey.to('2026-04-01T00:00:00Z');
    expect(journey.deduct(100)).toBeNull();
    expect(journey.entries.slice(-2)).toMatchObject([
      { transaction_type: 'reset' },
      { amount: -100, balance_after: 0 },
    ]);
  });

  test('leaves held credits alone', () => {
    const journey = new Journey(now);
    const lots = journey.account.lots.map((lot) => ({ ...lot, held: 70 }));
    const decision = decideDeduct({ ...use, amount: 31 })(presentOf({ ...journey.account, lots }, catalog, now));
    expect(decision).toMatchObject({ refused: { members: { required: 31, available_credits: 30 } } });
  });
});

describe('deduct on an unlimited plan', () => {
  test('counts the use of a period up to 2^53 − 1 and refuses more', () => {
    const journey = unlimited();
    journey.deduct(Number.MAX_SAFE_INTEGER - 10);
    expect(journey.deduct(11)).toMatchObject({ code: 'credits_out_of_range', members: { most: 10 } });
    expect(journey.deduct(10)).toBeNull();
    expect(journey.deduct(1)).toMatchObject({ members: { most: 0 } });
  });

  const unlimited = () => {
    const journey = proJourney({ plan: 'ultimate' });
    journey.grant({ amount: 50 });
    return journey;
  };

  test('succeeds for any amount, is in the ledger, and burns no lot', () => {
    const journey = unlimited();
    const { lots } = journey.account;
    expect(journey.deduct(1_000_000)).toBeNull();
    expect(journey.entries.at(-1)).toMatchObject({
      transaction_type: 'usage',
      amount: 0,
      balance_after: 50,
      lots: [],
      covered_by: 'unlimited',
      covered_credits: 1_000_000,
    });
    expect(journey.account.lots).toEqual(lots);
    expect(journey.account.period.uncharged_use).toBe(1_000_000);
  });

  test('is covered until the renewal grace ends; then only the lots count', () => {
    const journey = unlimited();
    journey.to('2026-04-13T11:59:59.999Z');
    expect(journey.deduct(1_000)).toBeNull();
    journey.wait(1);
    expect(journey.deduct(1_000)).toMatchObject({ members: { available_credits: 50 } });
    expect(journey.deduct(50)).toBeNull();
  });

  test('counts the use for its feature', () => {
    const journey = unlimited();
    const decision = decideDeduct({ ...use, feature: 'ads' })(presentOf(journey.account, catalog, journey.now));
    expect(decision).toMatchObject({ usage: { feature: 'ads', credits: 12 } });
  });

  test('starts from zero in a new period', () => {
    const journey = unlimited();
    journey.deduct(1_000);
    journey.paid('2026-05-10T12:00:00Z');
    journey.to('2026-04-10T12:00:00Z').roll();
    expect(journey.account.period).toMatchObject({ index: 1, uncharged_use: 0 });
    expect(journey.entries.at(-1)).toMatchObject({ transaction_type: 'reset', amount: 0, lots: [] });
  });
});

test('deduct by a clock five minutes behind is booked at the account’s time', () => {
  const journey = new Journey('2026-03-02T00:02:00Z').wait(-5 * 60_000);
  const decision = decideDeduct({ ...use, feature: 'ads' })(presentOf(journey.account, catalog, journey.now));
  expect(decision).toMatchObject({
    draft: { entries: [{ created_at: instant('2026-03-02T00:02:00Z') }] },
    usage: { day: '2026-03-02' },
  });
  expect(journey.wait(day_ms).now).toBeGreaterThan(journey.account.updated_at);
});
