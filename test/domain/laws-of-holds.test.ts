import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, isUnlimited } from '../../shared/domain/account/account.ts';
import { holds_max, pinnedBy } from '../../shared/domain/account/hold.ts';
import { usedInMonth } from '../../shared/domain/account/member.ts';
import { availableIn, balanceOf } from '../../shared/domain/ledger/lot.ts';
import { planOf } from '../../shared/domain/plan.ts';
import { dueAt, rollForward } from '../../shared/domain/time/roll-forward.ts';
import { hour_ms } from '../../shared/domain/units.ts';
import { Journey, proJourney } from './fixtures.ts';
import {
  always,
  atEachStep,
  beginnings,
  catalogs,
  chargedBy,
  happenings,
  holdMeant,
  live,
  lived,
  partOf,
  runs,
  timeOf,
} from './histories.ts';

const heldIn = ({ lots }: Account) => lots.reduce((sum, lot) => sum + lot.held, 0);

/** All of an account that a hold may change, and must leave as it was. */
function standing({ lots, holds, period, rows }: Account) {
  return { lots, holds, period, members: rows.members };
}

describe('pins of holds', () => {
  test('each lot’s held credits are the sum of the holds’ pins, and pins name existing lots', () => {
    always(({ account: { lots, holds } }) => {
      const pinned = new Map<string, number>(lots.map(({ id }) => [id, 0]));
      for (const { lot_id, amount } of holds.flatMap(({ pins }) => pins)) {
        expect(pinned.has(lot_id)).toBe(true);
        expect(amount).toBeGreaterThan(0);
        pinned.set(lot_id, (pinned.get(lot_id) ?? 0) + amount);
      }
      for (const lot of lots) expect(lot.held).toBe(pinned.get(lot.id));
    });
  });

  test('a hold pins its whole amount or nothing, and each lot once', () => {
    always(({ account }) => {
      for (const hold of account.holds) {
        expect([0, hold.amount]).toContain(pinnedBy(hold));
        expect(new Set(hold.pins.map(({ lot_id }) => lot_id)).size).toBe(hold.pins.length);
      }
      expect(account.holds.length).toBeLessThanOrEqual(holds_max);
    });
  });

  test('an ended lot keeps only what holds have pinned', () => {
    atEachStep((_, { lots }) => {
      for (const lot of lots.filter(({ is_closed }) => is_closed)) {
        expect(lot.remaining).toBe(lot.held);
        expect(lot.held).toBeGreaterThan(0);
      }
    });
  });
});

describe('the life of a hold', () => {
  test('hold, then release, changes nothing unless something expires in between', () => {
    const waits = fc.integer({ min: 0, max: hour_ms - 1 });
    fc.assert(
      fc.property(catalogs, beginnings, happenings, waits, fc.nat(), (by, beginning, happened, ms, nth) => {
        const journey = lived(beginning, happened, by).roll();
        journey.now = timeOf(journey);
        const before = standing(journey.account);
        const due_at = dueAt(journey.account, by) ?? Number.POSITIVE_INFINITY;
        const available = availableIn(journey.account.lots);
        if (journey.hold(available === 0 ? 1 : 1 + (nth % available), 'h') !== null) return;
        expect(balanceOf(journey.account.lots)).toBe(balanceOf(before.lots));
        journey.wait(Math.min(ms, due_at - journey.now - 1));
        expect(journey.release('h')).toBeNull();
        expect(standing(journey.account)).toEqual(before);
      }),
      runs,
    );
  });

  test('a settlement charges at most held + available, and exactly the amount up to that', () => {
    atEachStep((before, after, journey, what) => {
      if (what.kind !== 'settle' || after === before) return;
      const { account } = rollForward(before, journey.catalog, journey.now);
      const hold = account.holds.find(({ id }) => !after.holds.some((other) => other.id === id));
      const entry = journey.entry(`settle:${hold?.id}`);
      // A hold that has expired meanwhile is not settled.
      if (hold === undefined || entry === undefined) return;
      const asked = partOf(hold.amount, what.percent);
      const charged = chargedBy(entry);
      const shortfall = entry.shortfall_credits ?? 0;
      expect(charged + shortfall).toBe(asked);
      if (what.if_insufficient === 'reject') expect(shortfall).toBe(0);
      if (isUnlimited(account, journey.catalog, timeOf(journey))) {
        expect([entry.amount, shortfall]).toEqual([0, 0]);
        return;
      }
      const most = pinnedBy(hold) + availableIn(account.lots);
      expect(charged).toBeLessThanOrEqual(most);
      if (hold.member === null) expect(charged).toBe(Math.min(asked, most));
    });
  });

  test('a hold is open, or was settled once, or was released once', () => {
    always(({ account, entries }) => {
      const open = new Set(account.holds.map(({ id }) => id));
      const opened = entries.filter((entry) => entry.transaction_type === 'hold');
      for (const { hold_id } of opened) {
        const ends = entries.filter(({ entry_id }) => [`settle:${hold_id}`, `release:${hold_id}`].includes(entry_id));
        expect(ends.length).toBe(open.has(hold_id ?? '') ? 0 : 1);
      }
      expect(opened.length).toBeGreaterThanOrEqual(open.size);
    });
  });

  test('held + available + charged stays constant in any interleaving of holds, settlements, releases and expiries', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('hold' as const), amount: fc.integer({ min: 1, max: 200 }) }),
      fc.record({
        kind: fc.constant('settle' as const),
        nth: fc.nat(9),
        percent: fc.constantFrom(0, 50, 100, 150),
      }),
      fc.record({ kind: fc.constant('release' as const), nth: fc.nat(9) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: hour_ms }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const journey = new Journey('2026-03-01T00:00:00Z');
        journey.bonus(400);
        for (const what of steps) {
          const hold = what.kind === 'settle' || what.kind === 'release' ? holdMeant(journey, what) : undefined;
          if (what.kind === 'hold') journey.hold(what.amount);
          if (what.kind === 'wait') journey.wait(what.ms).roll();
          if (what.kind === 'release') journey.release(hold?.id ?? 'h_none');
          if (what.kind === 'settle' && hold !== undefined) {
            journey.settle(hold.id, partOf(hold.amount, what.percent), 'charge_available');
          }
          const { account, entries } = journey;
          const charged = entries.reduce(
            (sum, entry) => sum + (entry.transaction_type === 'usage' ? -entry.amount : 0),
            0,
          );
          expect(heldIn(account) + availableIn(account.lots) + charged).toBe(500);
        }
      }),
      runs,
    );
  });

  test('of 20 holds of 75 on 500 credits exactly 6 succeed, and 450 are held', () => {
    const journey = new Journey('2026-03-01T00:00:00Z');
    journey.bonus(400);
    const refused = Array.from({ length: 20 }, (_, place) => journey.hold(75, `h_${place}`));
    expect(refused.filter((refusal) => refusal === null)).toHaveLength(6);
    expect(heldIn(journey.account)).toBe(450);
  });
});

describe('plan changes with open holds create no credits', () => {
  const step = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('plan' as const),
        plan: fc.constantFrom('pro', 'pro_plus', 'ultimate'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('hold' as const), amount: fc.integer({ min: 1, max: 3_000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('deduct' as const), amount: fc.integer({ min: 1, max: 2_000 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('settle' as const),
        nth: fc.nat(9),
        percent: fc.constantFrom(0, 30, 100, 130),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), nth: fc.nat(9) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('refund' as const), nth: fc.nat(9), percent: fc.constantFrom(40, 100) }),
    },
  );

  /** What the period's allowance has given: charged and not refunded, covered or not. */
  function usedBy({ entries }: Journey): number {
    return entries.reduce((used, entry) => {
      if (entry.transaction_type !== 'usage' && entry.transaction_type !== 'refund') return used;
      return used + (entry.covered_credits ?? 0) * (entry.transaction_type === 'usage' ? 1 : -1) - entry.amount;
    }, 0);
  }

  test('after a change used + held + available ≤ allowance, or at most what was used and held before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const journey = proJourney();
        for (const what of steps) {
          const { account } = journey;
          const [used, held, available] = [usedBy(journey), heldIn(account), availableIn(account.lots)];
          journey.wait(1_000);
          live(journey, stepOf(what));
          const { period, lots } = journey.account;
          const { monthly_credits } = planOf(journey.catalog, period.plan);
          if (monthly_credits === null) continue;
          const given = usedBy(journey) + heldIn(journey.account) + availableIn(lots);
          const most =
            period.plan !== account.period.plan ? Math.max(monthly_credits, used + held) : used + held + available;
          expect(given).toBeLessThanOrEqual(most);
          expect(period.index).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  function stepOf(what: typeof step extends fc.Arbitrary<infer Step> ? Step : never): Parameters<typeof live>[1] {
    switch (what.kind) {
      case 'plan':
        return {
          kind: 'snapshot',
          subscription: 1,
          changes: { plan: what.plan, status: 'active' },
          anchor_days: null,
          fetched: false,
        };
      case 'hold':
        return { ...what, seconds: 86_400, member: undefined };
      case 'deduct':
        return { ...what, member: undefined };
      case 'settle':
        return { ...what, if_insufficient: 'charge_available' };
      default:
        return what;
    }
  }
});

describe('members', () => {
  test('a member’s use is what was charged to the member in the month, less refunds', () => {
    always((journey) => {
      const month = new Date(timeOf(journey)).toISOString().slice(0, 7);
      for (const member of journey.account.rows.members) {
        const used = journey.entries
          .filter(
            (entry) => entry.member === member.member && new Date(entry.created_at).toISOString().startsWith(month),
          )
          .reduce((sum, entry) => {
            const credits = entry.covered_credits ?? Math.abs(entry.amount);
            return sum + (entry.transaction_type === 'usage' ? credits : -credits);
          }, 0);
        expect(usedInMonth(member, timeOf(journey))).toBe(used);
      }
    });
  });

  test('neither deduction nor hold passes the member’s cap, counting all that its open holds may cost', () => {
    atEachStep((before, after, journey, what) => {
      if ((what.kind !== 'deduct' && what.kind !== 'hold') || after === before) return;
      const member = after.rows.members.find((row) => row.member === what.member);
      if (member === undefined || member.monthly_credits === null) return;
      const held = after.holds.reduce((sum, hold) => sum + (hold.member === member.member ? hold.amount : 0), 0);
      expect(usedInMonth(member, timeOf(journey)) + held).toBeLessThanOrEqual(member.monthly_credits);
    });
  });
});
