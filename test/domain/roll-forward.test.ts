import { describe, expect, test } from 'vitest';
import { newAccount, resetAt } from '../../shared/domain/account/account.ts';
import type { Catalog } from '../../shared/domain/plan.ts';
import { dueAt, rollForward } from '../../shared/domain/time/roll-forward.ts';
import { day_ms, hour_ms, type Instant, toIso } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, pro_paid_through, proJourney } from './fixtures.ts';

/** What the entries after the first `from` say, in short. */
const said = (journey: Journey, from = 0) =>
  journey.entries.slice(from).map((entry) => [entry.transaction_type, entry.amount, toIso(entry.created_at)]);

const grants = (journey: Journey, from = 0) =>
  journey.entries.slice(from).filter((entry) => entry.transaction_type === 'reset').length;

const isoOf = (at: Instant | null) => (at === null ? null : toIso(at));

describe('a free account', () => {
  test('begins with its first period when it is first seen', () => {
    const now = instant('2026-03-01T08:30:00.250Z');
    const { account, entries } = rollForward(newAccount('u_1', catalog, now), catalog, now);
    expect(entries).toEqual([
      {
        entry_id: 'reset:2026-03-01T08:30:00.250Z',
        transaction_type: 'reset',
        description: 'Free: 2026-03-01 to 2026-04-01',
        created_at: now,
        actor: 'system',
        fingerprint: null,
        account_id: 'u_1',
        seq: 1,
        amount: 100,
        balance_after: 100,
        lots: [{ id: 'lot_1', kind: 'monthly', amount: 100 }],
        hash: account.head_hash,
      },
    ]);
    expect(account.lots).toEqual([
      {
        id: 'lot_1',
        kind: 'monthly',
        amount: 100,
        remaining: 100,
        held: 0,
        priority: 50,
        expires_at: instant('2026-04-01T08:30:00.250Z'),
        created_at: now,
        is_closed: false,
      },
    ]);
    expect(isoOf(dueAt(account, catalog))).toBe('2026-04-01T08:30:00.250Z');
  });

  test('gets a fresh allowance at the boundary, not a millisecond before', () => {
    const journey = new Journey('2026-03-01T08:30:00.250Z');
    journey.deduct(30);
    journey.to('2026-04-01T08:30:00.249Z').roll();
    expect(journey.monthly?.remaining).toBe(70);
    journey.wait(1).roll();
    expect(journey.monthly?.remaining).toBe(100);
    expect(said(journey, 2)).toEqual([
      ['expire', -70, '2026-04-01T08:30:00.250Z'],
      ['reset', 100, '2026-04-01T08:30:00.250Z'],
    ]);
    expect(journey.entries[2]?.entry_id).toBe('expire:lot_1');
  });

  test('loses a spent lot without an entry', () => {
    const journey = new Journey('2026-03-01T08:30:00Z');
    journey.deduct(100);
    journey.to('2026-04-01T08:30:00Z').roll();
    expect(said(journey, 2)).toEqual([['reset', 100, '2026-04-01T08:30:00.000Z']]);
    expect(journey.account.lots).toHaveLength(1);
  });

  test('three missed periods: only the running one is granted, and the reset says how many were skipped', () => {
    const journey = new Journey('2026-03-01T08:30:00Z').to('2026-07-15T00:00:00Z').roll();
    expect(said(journey, 1)).toEqual([
      ['expire', -100, '2026-04-01T08:30:00.000Z'],
      ['reset', 100, '2026-07-01T08:30:00.000Z'],
    ]);
    expect(journey.entries.at(-1)?.skipped_periods).toBe(3);
    expect(journey.account.period.index).toBe(4);
    expect(journey.to('2026-08-01T08:30:00Z').roll().entries.at(-1)).not.toHaveProperty('skipped_periods');
  });

  test('ten years in one step: two entries', () => {
    const journey = new Journey('2026-03-01T08:30:00Z').to('2036-03-15T00:00:00Z').roll();
    expect(said(journey, 1)).toHaveLength(2);
    expect(journey.entries.at(-1)?.skipped_periods).toBe(119);
  });

  test('from 31 January: each reset at its month’s end, none skipped, none twice', () => {
    const journey = new Journey('2026-01-31T10:00:00Z');
    for (let day = 0; day < 150; day += 1) journey.wait(day_ms).roll();
    const resets = journey.entries.filter((entry) => entry.transaction_type === 'reset');
    expect(resets.map((entry) => entry.entry_id)).toEqual([
      'reset:2026-01-31T10:00:00.000Z',
      'reset:2026-02-28T10:00:00.000Z',
      'reset:2026-03-31T10:00:00.000Z',
      'reset:2026-04-30T10:00:00.000Z',
      'reset:2026-05-31T10:00:00.000Z',
      'reset:2026-06-30T10:00:00.000Z',
    ]);
  });

  test('over 29 February and the end of the year', () => {
    const leap = new Journey('2028-02-29T00:00:00Z').to('2029-02-28T00:00:00Z').roll();
    expect(leap.account.period.index).toBe(12);
    const year = new Journey('2027-12-31T23:59:59.999Z').to('2028-01-31T23:59:59.998Z').roll();
    expect(year.account.period.index).toBe(0);
    expect(year.wait(1).roll().account.period.index).toBe(1);
  });
});

describe('other lots than the monthly one', () => {
  test('a reset refills the monthly lot only: spent bonus credits stay spent', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.grant({ amount: 50, priority: 10 });
    journey.grant({ amount: 500, kind: 'purchase' });
    journey.deduct(120);
    const others = journey.account.lots.filter(({ kind }) => kind !== 'monthly');
    expect(others).toMatchObject([{ kind: 'purchase', remaining: 500 }]);
    journey.to('2026-04-01T00:00:00Z').roll();
    expect(journey.account.lots.filter(({ kind }) => kind !== 'monthly')).toEqual(others);
    expect(journey.monthly?.remaining).toBe(100);
  });

  test('expire at their moment, with an entry, and the next due moment is set', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.grant({ amount: 50, expires_at: instant('2026-03-11T00:00:00Z') });
    expect(isoOf(dueAt(journey.account, catalog))).toBe('2026-03-11T00:00:00.000Z');
    journey.to('2026-03-10T23:59:59.999Z').roll();
    expect(journey.entries).toHaveLength(2);
    journey.wait(1).roll();
    expect(said(journey, 2)).toEqual([['expire', -50, '2026-03-11T00:00:00.000Z']]);
    expect(journey.entries.at(-1)?.description).toBe('expired');
    expect(isoOf(dueAt(journey.account, catalog))).toBe('2026-04-01T00:00:00.000Z');
  });

  test('expiries and period boundaries are booked in the order of time', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.grant({ amount: 3, expires_at: instant('2026-05-20T00:00:00Z') });
    journey.grant({ amount: 2, expires_at: instant('2026-04-01T00:00:00Z') });
    journey.grant({ amount: 1, expires_at: instant('2026-03-20T00:00:00Z') });
    journey.to('2026-05-25T00:00:00Z').roll();
    expect(said(journey, 4)).toEqual([
      ['expire', -1, '2026-03-20T00:00:00.000Z'],
      ['expire', -2, '2026-04-01T00:00:00.000Z'],
      ['expire', -100, '2026-04-01T00:00:00.000Z'],
      ['reset', 100, '2026-05-01T00:00:00.000Z'],
      ['expire', -3, '2026-05-20T00:00:00.000Z'],
    ]);
  });
});

describe('a renewal that is not paid', () => {
  const renewal = '2026-04-10T12:00:00.000Z';
  const unpaid = (ms: number) => {
    const journey = proJourney();
    journey.deduct(300);
    return journey.to(renewal).wait(ms).roll();
  };

  test('for an hour: the old lot stays usable and no new one is given', () => {
    const journey = unpaid(hour_ms);
    expect(journey.monthly).toMatchObject({ amount: 1_000, remaining: 700 });
    expect(journey.deduct(700)).toBeNull();
    expect(journey.deduct(1)).toMatchObject({ code: 'insufficient_credits' });
    expect(isoOf(dueAt(journey.account, catalog))).toBe('2026-04-13T12:00:00.000Z');
  });

  test('for a week: the old lot is gone after the grace of three days', () => {
    const journey = unpaid(7 * day_ms);
    expect(journey.account.lots).toEqual([]);
    expect(said(journey).at(-1)).toEqual(['expire', -700, '2026-04-13T12:00:00.000Z']);
  });

  test('for ever: no allowance comes, and nothing is due', () => {
    const journey = unpaid(7 * day_ms);
    const { account } = journey;
    expect(dueAt(account, catalog)).toBeNull();
    expect(rollForward(account, catalog, journey.now + 4_000 * day_ms)).toEqual({ account, entries: [] });
  });

  test.each([
    ['an hour late', hour_ms],
    ['on the last moment of the grace', 3 * day_ms - 1],
    ['a week late', 7 * day_ms],
    ['a month less an hour late', 30 * day_ms - hour_ms],
  ])('and then paid %s: exactly one period, up to the same end', (_, late) => {
    const journey = unpaid(late);
    const before = grants(journey);
    journey.paid('2026-05-10T12:00:00Z');
    journey.paid('2026-05-10T12:00:00Z');
    expect(grants(journey)).toBe(before + 1);
    expect(journey.entries.at(-1)).toMatchObject({ entry_id: `reset:sub_1:${renewal}`, amount: 1_000 });
    expect(journey.entries.find((entry) => entry.transaction_type === 'expire')?.amount).toBe(-700);
    expect(journey.monthly).toMatchObject({ remaining: 1_000, expires_at: instant('2026-05-10T12:00:00Z') });
    expect(isoOf(resetAt(journey.account))).toBe('2026-05-10T12:00:00.000Z');
  });

  test('and paid while nobody looked: the reset is booked after the expiry, and later in time', () => {
    const journey = proJourney();
    journey.to(renewal).wait(7 * day_ms);
    journey.paid('2026-05-10T12:00:00Z');
    expect(said(journey, 3)).toEqual([
      ['expire', -1_000, '2026-04-13T12:00:00.000Z'],
      ['reset', 1_000, '2026-04-13T12:00:00.000Z'],
    ]);
  });

  test('with two periods paid at once: only the running one is granted', () => {
    const journey = unpaid(40 * day_ms);
    const before = grants(journey);
    journey.paid('2026-06-10T12:00:00Z');
    expect(grants(journey)).toBe(before + 1);
    expect(journey.entries.at(-1)).toMatchObject({
      entry_id: 'reset:sub_1:2026-05-10T12:00:00.000Z',
      skipped_periods: 1,
    });
  });

  test('without a grace: the old lot ends with its period', () => {
    const strict: Catalog = { ...catalog, policies: { ...catalog.policies, renewal_grace_ms: 0 } };
    const journey = proJourney({}, strict);
    journey.to(renewal).wait(-1).roll();
    expect(journey.account.lots).toHaveLength(1);
    expect(journey.wait(1).roll().account.lots).toEqual([]);
  });

  test('but paid before the boundary: the new lot opens with it', () => {
    const journey = proJourney();
    journey.to('2026-04-09T00:00:00Z');
    journey.paid('2026-05-10T12:00:00Z');
    expect(grants(journey)).toBe(1);
    expect(isoOf(dueAt(journey.account, catalog))).toBe(renewal);
    journey.to(renewal).roll();
    expect(said(journey, 3)).toEqual([
      ['expire', -1_000, renewal],
      ['reset', 1_000, renewal],
    ]);
  });
});

describe('a yearly plan', () => {
  test('refills twelve times on one payment, and then waits for the next', () => {
    const journey = proJourney({ interval: 'year', current_period_end: instant('2027-03-10T12:00:00Z') });
    journey.deduct(1_000);
    let allowances = 1;
    for (let day = 0; day < 400; day += 1) {
      const { seq } = journey.account;
      journey.wait(day_ms).roll();
      allowances += grants(journey, seq);
      if (journey.account.seq > seq && journey.monthly !== undefined) journey.deduct(journey.monthly.remaining);
    }
    expect(allowances).toBe(12);
    expect(isoOf(resetAt(journey.account))).toBe('2027-03-10T12:00:00.000Z');
    journey.paid('2028-03-10T12:00:00Z');
    expect(journey.monthly?.remaining).toBe(1_000);
    expect(journey.entries.at(-1)).toMatchObject({
      entry_id: 'reset:sub_1:2027-04-10T12:00:00.000Z',
      skipped_periods: 1,
    });
  });

  test('does not give the whole year at once', () => {
    const journey = proJourney({ interval: 'year', current_period_end: instant('2027-03-10T12:00:00Z') });
    expect(journey.account.lots).toMatchObject([{ remaining: 1_000, expires_at: pro_paid_through }]);
  });
});

describe('clocks that differ', () => {
  test('an account’s time never runs backwards', () => {
    const journey = new Journey('2026-03-01T00:00:00Z').to('2026-04-01T00:01:00Z').roll();
    const { account } = journey;
    journey.wait(-5 * 60_000).roll();
    expect({ ...journey.account, version: account.version }).toEqual(account);
    journey.deduct(10);
    expect(isoOf(journey.entries.at(-1)?.created_at ?? null)).toBe('2026-04-01T00:01:00.000Z');
    expect(journey.account.period.index).toBe(1);
  });
});
