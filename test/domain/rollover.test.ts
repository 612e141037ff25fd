import { describe, expect, test } from 'vitest';
import type { Catalog, RolloverPolicy } from '../../shared/domain/plan.ts';
import { rolledOver } from '../../shared/domain/time/rollover.ts';
import { balance_max, day_ms, toIso } from '../../shared/domain/units.ts';
import { catalog, instant, Journey, lotOf, pro_paid_through, proJourney } from './fixtures.ts';

function withRollover(policy: Partial<RolloverPolicy>): Catalog {
  const rollover = { cap: null, share_percent: 100, expires_after_months: 1, ...policy };
  return { ...catalog, plans: catalog.plans.map((plan) => ({ ...plan, rollover })) };
}

const begun_at = instant('2026-01-31T00:00:00Z');
const all = withRollover({});

/** What is made of this monthly lot, beside others. */
function made(
  policy: Partial<RolloverPolicy>,
  remaining: number,
  others: Parameters<typeof lotOf>[0][] = [],
  held = 0,
) {
  const monthly = lotOf({ amount: remaining, remaining, held });
  const { account } = new Journey(begun_at);
  const lots = [monthly, ...others.map((other, place) => lotOf({ id: `lot_${place + 2}`, ...other }))];
  return rolledOver({ ...account, lots }, monthly, withRollover(policy))?.amount ?? null;
}

describe('the credits that roll over', () => {
  test.each([
    ['all of it', {}, 73, 73],
    ['a share, rounded down', { share_percent: 33 }, 100, 33],
    ['a share of less than one is none', { share_percent: 33 }, 3, null],
    ['a share of just one', { share_percent: 34 }, 3, 1],
    ['up to the cap', { cap: 50 }, 73, 50],
    ['the share, when that is less than the cap', { cap: 50, share_percent: 50 }, 99, 49],
    ['nothing of nothing', {}, 0, null],
    // In floating point the product would be rounded.
    ['exactly, of a large one', { share_percent: 97 }, 2 ** 50 - 21, 1_092_122_909_637_324],
  ])('%s', (_, policy, remaining, amount) => {
    expect(made(policy, remaining)).toBe(amount);
  });

  test('the cap counts all that remains of rolled-over lots, held or free, and of no others', () => {
    const others = [
      { kind: 'rollover', amount: 40, remaining: 12 },
      { kind: 'rollover', amount: 40, remaining: 8, held: 8, is_closed: true },
      { kind: 'bonus', amount: 500, remaining: 500 },
    ] as const;
    expect(made({ cap: 50 }, 73, [...others])).toBe(30);
    expect(made({ cap: 21 }, 73, [...others])).toBe(1);
    expect(made({ cap: 20 }, 73, [...others])).toBeNull();
    expect(made({ cap: 10 }, 73, [...others])).toBeNull();
  });

  test('leave out what holds have pinned', () => {
    expect(made({}, 73, [], 70)).toBe(3);
    expect(made({}, 73, [], 73)).toBeNull();
  });

  test('are at most what an account can count', () => {
    const full = { kind: 'purchase', amount: balance_max, remaining: balance_max - 73 } as const;
    expect(made({}, 73, [{ ...full, remaining: balance_max - 73 - 5 }])).toBe(5);
    expect(made({}, 73, [full])).toBeNull();
    expect(made({}, 73, [{ ...full, remaining: balance_max }])).toBeNull();
  });

  test('are none without a rollover policy', () => {
    const { account } = new Journey(begun_at);
    expect(rolledOver(account, lotOf(), catalog)).toBeNull();
  });
});

describe('rollover at the period boundary', () => {
  test('one entry closes the monthly lot and opens the rolled-over one', () => {
    const journey = new Journey(begun_at, withRollover({ expires_after_months: 3 }));
    journey.deduct(30);
    journey.to('2026-02-28T00:00:00Z').roll();
    expect(journey.entries.slice(2)).toMatchObject([
      {
        entry_id: 'expire:lot_1',
        transaction_type: 'expire',
        description: 'unused monthly credits expired, 70 rolled over',
        created_at: journey.now,
        amount: 0,
        balance_after: 70,
        lots: [
          { id: 'lot_1', kind: 'monthly', amount: -70 },
          { id: 'lot_3', kind: 'rollover', amount: 70 },
        ],
      },
      { entry_id: 'reset:2026-02-28T00:00:00.000Z', amount: 100, balance_after: 170 },
    ]);
    expect(journey.lot('lot_3')).toEqual({
      id: 'lot_3',
      kind: 'rollover',
      amount: 70,
      remaining: 70,
      held: 0,
      priority: 50,
      expires_at: instant('2026-05-31T00:00:00Z'),
      created_at: begun_at,
      is_closed: false,
    });
  });

  test('credits rolled over for one month burn before the new allowance, and end with it', () => {
    const journey = new Journey(begun_at, all).to('2026-02-28T00:00:00Z');
    journey.deduct(30);
    expect(journey.entries.at(-1)?.lots).toMatchObject([{ kind: 'rollover', amount: -30 }]);
    const { seq } = journey.account;
    journey.to('2026-03-31T00:00:00Z').roll();
    expect(journey.entries.slice(seq).map((entry) => [entry.transaction_type, entry.amount])).toEqual([
      ['expire', -70],
      ['expire', 0],
      ['reset', 100],
    ]);
    expect(journey.account.lots.map(({ kind, remaining }) => [kind, remaining])).toEqual([
      ['rollover', 100],
      ['monthly', 100],
    ]);
  });

  test('a rolled-over lot that ends at the same boundary makes room under the cap', () => {
    const journey = new Journey(begun_at, withRollover({ cap: 100 })).to('2026-03-31T00:00:00Z').roll();
    expect(journey.account.lots).toMatchObject([{ kind: 'rollover', remaining: 100 }, { kind: 'monthly' }]);
  });

  test('with nothing left only the reset is booked', () => {
    const journey = new Journey(begun_at, all);
    journey.deduct(100);
    journey.to('2026-02-28T00:00:00Z').roll();
    expect(journey.entries.slice(2)).toMatchObject([{ transaction_type: 'reset' }]);
  });

  test('held credits stay in the closed lot', () => {
    const journey = new Journey('2026-01-31T00:00:00Z', all);
    journey.to('2026-02-27T12:00:00Z').hold(60, 'h', { expires_in_s: 86_400 });
    journey.to('2026-02-28T00:00:00Z').roll();
    expect(journey.account.lots.map(({ kind, remaining, held }) => [kind, remaining, held])).toEqual([
      ['monthly', 60, 60],
      ['rollover', 40, 0],
      ['monthly', 100, 0],
    ]);
  });

  test('each of several unseen periods rolls over to the next', () => {
    const policy = withRollover({ share_percent: 50, expires_after_months: 2 });
    const journey = new Journey(begun_at, policy).to('2026-05-31T00:00:00Z').roll();
    expect(journey.account.period.index).toBe(4);
    expect(journey.entries.filter(({ transaction_type }) => transaction_type === 'reset')).toHaveLength(5);
    expect(journey.entries.every((entry) => entry.skipped_periods === undefined)).toBe(true);
    expect(journey.account.lots.map(({ kind, remaining }) => [kind, remaining])).toEqual([
      ['rollover', 50],
      ['rollover', 50],
      ['monthly', 100],
    ]);
  });
});

describe('rollover of a subscription', () => {
  test('a renewal paid within its grace rolls over what was left at the period’s end', () => {
    const journey = proJourney({}, all);
    journey.deduct(300);
    journey.now = pro_paid_through + day_ms;
    journey.deduct(100);
    journey.paid('2026-05-10T12:00:00Z');
    expect(journey.account.lots.map(({ kind, remaining, expires_at }) => [kind, remaining, expires_at])).toEqual([
      ['rollover', 600, instant('2026-05-10T12:00:00Z')],
      ['monthly', 1_000, instant('2026-05-10T12:00:00Z')],
    ]);
  });

  test('nothing rolls over when the grace runs out, the plan changes, or the subscription ends', () => {
    const late = proJourney({}, all);
    late.now = pro_paid_through + 4 * day_ms;
    late.paid('2026-05-10T12:00:00Z');
    expect(late.account.lots).toMatchObject([{ kind: 'monthly' }]);
    const changed = proJourney({}, all).wait(1_000);
    changed.snapshot({ plan: 'pro_plus' });
    expect(changed.account.lots).toMatchObject([{ kind: 'monthly' }]);
    changed.wait(1_000).snapshot({ status: 'canceled' });
    expect(changed.account.lots).toMatchObject([{ kind: 'monthly', amount: 100 }]);
  });

  test('months that nobody paid for are skipped: one payment is one allowance', () => {
    const journey = proJourney({}, all);
    journey.deduct(1_000);
    journey.to('2026-07-11T00:00:00Z');
    const { seq } = journey.account;
    journey.paid('2026-08-10T12:00:00Z');
    expect(journey.entries.slice(seq)).toMatchObject([
      { entry_id: 'reset:sub_1:2026-07-10T12:00:00.000Z', amount: 1_000, skipped_periods: 3 },
    ]);
    expect(journey.account.lots).toMatchObject([{ kind: 'monthly', remaining: 1_000 }]);
  });

  test('a year paid at once rolls over month by month', () => {
    const journey = proJourney({}, withRollover({ expires_after_months: 24 }));
    journey.paid('2027-03-10T12:00:00Z', 'sub_1', instant('2026-03-10T12:00:00Z'));
    journey.to('2026-07-11T00:00:00Z').roll();
    expect(journey.account.lots.map(({ kind, remaining }) => [kind, remaining])).toEqual([
      ...Array.from({ length: 4 }, () => ['rollover', 1_000]),
      ['monthly', 1_000],
    ]);
    expect(toIso(journey.account.lots[0]?.expires_at ?? 0)).toBe('2028-04-10T12:00:00.000Z');
  });
});
