import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, isMonthlyLot, planInEffect } from '../../shared/domain/account/account.ts';
import { balanceAt } from '../../shared/domain/account/balance.ts';
import { availableIn, balanceOf, type LotKind } from '../../shared/domain/ledger/lot.ts';
import { verification_start, verifyEntry, verifyHead } from '../../shared/domain/ledger/verify.ts';
import { periodEnd, periodStart } from '../../shared/domain/period.ts';
import { planOf } from '../../shared/domain/plan.ts';
import { dueAt, rollForward } from '../../shared/domain/time/roll-forward.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { catalog, Journey, proJourney } from './fixtures.ts';
import {
  always,
  atEachStep,
  beginnings,
  catalogs,
  type Happening,
  happenings,
  live,
  lived,
  runs,
  timeOf,
} from './histories.ts';

/**
 * What two ways through time must agree on: what counts the entries before it may differ, as a
 * lot's id does.
 */
function standing(account: Account) {
  return {
    period: { ...account.period, opened_seq: 0 },
    lots: account.lots.map((lot) => ({ ...lot, id: '' })),
    balance: balanceOf(account.lots),
  };
}

describe('the ledger explains the balance', () => {
  test('the balance is the sum of the entries, at every seq', () => {
    always(({ account, entries }) => {
      let sum = 0;
      for (const entry of entries) {
        sum += entry.amount;
        expect(entry.balance_after).toBe(sum);
        expect(entry.lots.reduce((moved, { amount }) => moved + amount, 0)).toBe(entry.amount);
      }
      expect(balanceOf(account.lots)).toBe(sum);
    });
  });

  test('what moved in and out of a lot is what remains in it', () => {
    always(({ account, entries }) => {
      const moved = new Map<string, number>();
      for (const { id, amount } of entries.flatMap((entry) => entry.lots)) moved.set(id, (moved.get(id) ?? 0) + amount);
      const remaining = new Map(account.lots.map((lot) => [lot.id, lot.remaining]));
      for (const [id, sum] of moved) expect(sum).toBe(remaining.get(id) ?? 0);
    });
  });

  test('seq counts from 1 without a gap, and created_at never decreases', () => {
    always(({ account, entries }) => {
      expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, place) => place + 1));
      expect(account.seq).toBe(entries.length);
      const times = entries.map((entry) => entry.created_at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.at(-1)).toBeLessThanOrEqual(account.updated_at);
    });
  });

  test('the hash chain of any account verifies, up to the account itself', () => {
    always(({ account, entries }) => {
      const verification = entries.reduce(verifyEntry, verification_start);
      expect(verifyHead(verification, { ...account, balance: balanceOf(account.lots) })).toEqual([]);
    });
  });

  /**
   * No two snapshots of these lives were made in the same second, no two of their grids begin in
   * the same millisecond: the keys of plan changes and of resets are told apart by it.
   */
  test('no two entries of an account have the same entry_id', () => {
    always(({ entries }) => {
      const ids = entries.map((entry) => entry.entry_id);
      expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
    });
  });
});

describe('credits', () => {
  test('never fall below zero in any interleaving: 0 ≤ held ≤ remaining ≤ amount in each lot', () => {
    always(({ account, entries }) => {
      for (const entry of entries) expect(entry.balance_after).toBeGreaterThanOrEqual(0);
      for (const { held, remaining, amount } of account.lots) {
        const ascending = [0, held, remaining, amount];
        expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
      }
    });
  });

  test('a deduction is refused only above what is available, and else takes exactly its amount', () => {
    atEachStep((before, _, journey, what) => {
      if (what.kind !== 'deduct' || what.member !== undefined) return;
      const { account } = rollForward(before, journey.catalog, journey.now);
      const { unlimited } = balanceAt(account, journey.catalog, Math.max(before.updated_at, journey.now));
      const available = availableIn(account.lots);
      const entry = journey.entries.at(-1);
      const accepted = journey.account !== before;
      expect(accepted).toBe(unlimited || what.amount <= available);
      if (!accepted) return;
      expect(entry?.amount).toBe(unlimited ? 0 : 0 - what.amount);
      expect(entry?.covered_credits).toBe(unlimited ? what.amount : undefined);
      expect(availableIn(journey.account.lots)).toBe(available - (unlimited ? 0 : what.amount));
    });
  });

  test('spent bonus credits never come back, except by a refund: other lots than the monthly one only shrink', () => {
    const opens: Partial<Record<Happening['kind'], LotKind>> = { bonus: 'bonus', purchase: 'purchase' };
    atEachStep((before, after, _, what) => {
      if (what.kind === 'refund') return;
      const known = new Map(before.lots.map((lot) => [lot.id, lot]));
      for (const lot of after.lots.filter(({ kind }) => kind !== 'monthly')) {
        const earlier = known.get(lot.id);
        if (earlier === undefined) expect([opens[what.kind], 'rollover']).toContain(lot.kind);
        else expect(lot.remaining).toBeLessThanOrEqual(earlier.remaining);
      }
    });
  });

  test('only spending and expiry take credits from other lots than the monthly one', () => {
    atEachStep((before, after, _, what) => {
      if (what.kind === 'deduct' || what.kind === 'settle') return;
      const ended = (at: number | null) => at !== null && at <= after.updated_at;
      for (const lot of before.lots.filter(({ kind, expires_at }) => kind !== 'monthly' && !ended(expires_at))) {
        const later = after.lots.find(({ id }) => id === lot.id);
        expect(later?.remaining).toBeGreaterThanOrEqual(lot.remaining);
      }
    });
  });

  test('available = monthly − used + bonus − held', () => {
    always((journey) => {
      const { account } = journey;
      const balance = balanceAt(account, journey.catalog, timeOf(journey));
      if (balance.unlimited) {
        expect([balance.monthly_credits, balance.available_credits]).toEqual([null, null]);
        return;
      }
      const { monthly_credits, used_credits, bonus_credits, held_credits } = balance;
      expect(balance.available_credits).toBe((monthly_credits ?? 0) - used_credits + bonus_credits - held_credits);
      expect(balance.available_credits).toBe(availableIn(account.lots));
    });
  });

  test('a decision does not change its account, and gives the same result twice', () => {
    const frozen = <T>(value: T): T => {
      if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
      Object.values(value).forEach(frozen);
      return Object.freeze(value);
    };
    fc.assert(
      fc.property(catalogs, beginnings, happenings, (by, beginning, happened) => {
        const journey = new Journey(beginning, by);
        for (const what of happened) {
          frozen(journey.account);
          live(journey, what);
        }
        expect(lived(beginning, happened, by).account).toEqual(journey.account);
      }),
      { numRuns: 100 },
    );
  });
});

describe('time', () => {
  const spans = fc.array(fc.integer({ min: 0, max: 150 * day_ms }), { minLength: 2, maxLength: 2 });

  /**
   * Entries too, unless the split lies in a period that a single roll skips: then the two rolls
   * grant that one, let it expire, and have those entries beside the same lots.
   */
  test('two roll-forwards give the same as one', () => {
    fc.assert(
      fc.property(catalogs, beginnings, happenings, spans, (by, beginning, happened, ms) => {
        const { account } = lived(beginning, happened, by);
        const [split, end] = ms.toSorted((a, b) => a - b).map((span) => account.updated_at + span);
        if (split === undefined || end === undefined) return;
        const once = rollForward(account, by, end);
        const first = rollForward(account, by, split);
        const second = rollForward({ ...first.account, updated_at: split }, by, end);
        expect(standing(second.account)).toEqual(standing(once.account));
        const seen = first.account.period.index;
        if (seen !== account.period.index && once.entries.some(({ skipped_periods }) => skipped_periods)) return;
        expect([...first.entries, ...second.entries]).toEqual(once.entries);
      }),
      { numRuns: 200 },
    );
  });

  test('rolling forward twice to one moment changes nothing', () => {
    always(({ account, now, catalog: by }) => {
      const { account: rolled } = rollForward(account, by, now);
      expect(rollForward(rolled, by, now)).toEqual({ account: rolled, entries: [] });
    });
  });

  test('a decision leaves nothing due: the next one of the same commit goes on from its draft', () => {
    atEachStep((before, after, { catalog: by, now }) => {
      // A refused decision may have read a row: only a commit moves the version.
      if (after.version !== before.version) {
        expect(rollForward(after, by, now)).toEqual({ account: after, entries: [] });
      }
    });
  });

  test('rolling forward in slices, each committed, gives the same account and entries', () => {
    fc.assert(
      fc.property(catalogs, beginnings, happenings, fc.integer({ min: 1, max: 3 }), (by, beginning, happened, most) => {
        const { account } = lived(beginning, happened, by);
        const now = account.updated_at + 200 * day_ms;
        const once = rollForward(account, by, now);
        let slice = rollForward(account, by, now, most);
        const entries = [...slice.entries];
        while (slice.entries.length >= most) {
          expect(slice.entries.length).toBeLessThanOrEqual(most + 1);
          slice = rollForward(slice.account, by, now, most);
          entries.push(...slice.entries);
        }
        expect(slice.account).toEqual(once.account);
        expect(entries).toEqual(once.entries);
      }),
      { numRuns: 100 },
    );
  });

  test('ten years in one step write at most one reset, and a line or two per lot and hold that ends', () => {
    fc.assert(
      fc.property(beginnings, happenings, (beginning, happened) => {
        const { account } = lived(beginning, happened);
        const { entries } = rollForward(account, catalog, account.updated_at + 3_653 * day_ms);
        expect(entries.filter((entry) => entry.transaction_type === 'reset').length).toBeLessThanOrEqual(1);
        expect(entries.length).toBeLessThanOrEqual(2 + account.lots.length + 2 * account.holds.length);
      }),
      runs,
    );
  });

  test('any number of sweeps give one grant per period', () => {
    const sweeps = fc.array(fc.integer({ min: 0, max: 200 * day_ms }), { maxLength: 20 });
    fc.assert(
      fc.property(catalogs, beginnings, happenings, sweeps, (by, beginning, happened, ms) => {
        const journey = lived(beginning, happened, by);
        const begun_at = Math.max(journey.now, journey.account.updated_at);
        const granted_before = journey.entries.length;
        for (const sweep of ms.toSorted((a, b) => a - b)) {
          journey.now = begun_at + sweep;
          journey.roll().roll();
        }
        const resets = journey.entries.slice(granted_before).filter((entry) => entry.transaction_type === 'reset');
        expect(new Set(resets.map((entry) => entry.entry_id)).size).toBe(resets.length);
        const opened_at = resets.map((entry) => entry.entry_id);
        const last = journey.account.period;
        if (opened_at.length > 0) {
          expect(opened_at.at(-1)?.endsWith(new Date(periodStart(last.anchor_at, last.index)).toISOString())).toBe(
            true,
          );
        }
      }),
      runs,
    );
  });

  test('dueAt is the earliest moment at which time changes the account', () => {
    always(({ account, catalog: by }) => {
      const due_at = dueAt(account, by);
      if (due_at === null) {
        expect(rollForward(account, by, account.updated_at + 4_000 * day_ms).account).toEqual(account);
        return;
      }
      expect(due_at).toBeGreaterThan(account.updated_at);
      expect(rollForward(account, by, due_at - 1)).toEqual({ account, entries: [] });
      const { account: rolled } = rollForward(account, by, due_at);
      expect({ ...rolled, updated_at: 0 }).not.toEqual({ ...account, updated_at: 0 });
    });
  });

  test('a lot whose time is over is gone, except what holds have pinned', () => {
    always((journey) => {
      const { account: rolled } = rollForward(journey.account, journey.catalog, journey.now);
      for (const lot of rolled.lots) {
        if (lot.is_closed) expect([lot.held, lot.remaining]).toEqual([lot.remaining, lot.held]);
        else if (lot.kind !== 'monthly') {
          expect(lot.expires_at ?? Number.POSITIVE_INFINITY).toBeGreaterThan(timeOf(journey));
        }
      }
    });
  });

  test('a hold whose time is over is gone', () => {
    always((journey) => {
      const { account: rolled } = rollForward(journey.account, journey.catalog, journey.now);
      for (const hold of rolled.holds) expect(hold.expires_at).toBeGreaterThan(timeOf(journey));
    });
  });
});

describe('periods and plans', () => {
  test('there is at most one monthly lot: the running period’s, with its plan and end', () => {
    always(({ account }) => {
      const { plan, anchor_at, index } = account.period;
      const monthly = account.lots.filter(isMonthlyLot);
      expect(monthly.length).toBeLessThanOrEqual(1);
      for (const lot of monthly) {
        expect(lot.amount).toBe(planOf(catalog, plan).monthly_credits);
        expect(lot.expires_at).toBe(periodEnd(anchor_at, index));
      }
    });
  });

  test('the running period belongs to the plan in effect', () => {
    always(({ account }) => {
      expect(account.period.plan).toBe(planInEffect(account, catalog).id);
    });
  });

  test('no period of a subscription is opened before it is paid', () => {
    always(({ account }) => {
      const { stripe_subscription_id, anchor_at, index } = account.period;
      if (stripe_subscription_id === null) return;
      expect(account.subscription?.stripe_subscription_id).toBe(stripe_subscription_id);
      const paid_through = account.subscription?.paid?.through ?? Number.NEGATIVE_INFINITY;
      expect(periodStart(anchor_at, index)).toBeLessThan(paid_through);
    });
  });

  test('a plan change carries over what was used: up, down and up again creates no credits', () => {
    const plan = fc.constantFrom('pro', 'pro_plus', 'ultimate');
    const amount = fc.integer({ min: 1, max: 2_000 });
    const changes = fc.array(fc.record({ plan, amount }), { maxLength: 15 });
    fc.assert(
      fc.property(changes, (happened) => {
        const journey = proJourney();
        let used = 0;
        for (const change of happened) {
          journey.wait(day_ms);
          expect(journey.snapshot({ plan: change.plan })).toBeNull();
          if (journey.deduct(change.amount) === null) used += change.amount;
          const allowance = planOf(catalog, change.plan).monthly_credits;
          expect(journey.monthly?.remaining).toBe(allowance === null ? undefined : Math.max(0, allowance - used));
          expect(journey.account.period.index).toBe(0);
        }
      }),
      runs,
    );
  });
});
