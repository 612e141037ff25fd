import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Account, planInEffect } from '../../shared/domain/account.ts';
import { balanceAt } from '../../shared/domain/balance.ts';
import { availableIn, balanceOf } from '../../shared/domain/lot.ts';
import { periodEnd, periodStart } from '../../shared/domain/period.ts';
import { planOf } from '../../shared/domain/plan.ts';
import { dueAt, rollForward } from '../../shared/domain/roll-forward.ts';
import { day_ms } from '../../shared/domain/units.ts';
import { verification_start, verifyEntry, verifyHead } from '../../shared/domain/verify-ledger.ts';
import { catalog, Journey, proJourney } from './fixtures.ts';
import { beginnings, type Happening, happenings, live, lived } from './histories.ts';

const runs = { numRuns: 300 };

/** Holds after any life. */
function always(check: (journey: Journey) => void): void {
  fc.assert(
    fc.property(beginnings, happenings, (beginning, happened) => {
      check(lived(beginning, happened));
    }),
    runs,
  );
}

/** Holds between each state of any life and the next. */
function atEachStep(check: (before: Account, after: Account, journey: Journey, what: Happening) => void): void {
  fc.assert(
    fc.property(beginnings, happenings, (beginning, happened) => {
      const journey = new Journey(beginning);
      for (const what of happened) {
        const before = journey.account;
        live(journey, what);
        check(before, journey.account, journey, what);
      }
    }),
    runs,
  );
}

/** What two ways through time must agree on: a lot's id counts the entries before it, which may differ. */
function standing(account: Account) {
  return {
    period: account.period,
    lots: account.lots.map((lot) => ({ ...lot, id: '' })),
    balance: balanceOf(account.lots),
  };
}

describe('the ledger explains the balance', () => {
  test('balance equals the sum of entries, at every seq', () => {
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

  test('seq is gap-free from 1, created_at never decreases', () => {
    always(({ account, entries }) => {
      expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_, place) => place + 1));
      expect(account.seq).toBe(entries.length);
      const times = entries.map((entry) => entry.created_at);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.at(-1)).toBeLessThanOrEqual(account.updated_at);
    });
  });

  test('the hash chain of any life verifies, up to the account itself', () => {
    always(({ account, entries }) => {
      const verification = entries.reduce(verifyEntry, verification_start);
      expect(verifyHead(verification, { ...account, balance: balanceOf(account.lots) })).toEqual([]);
    });
  });

  /**
   * No two snapshots of these lives were made in the same second, no two of their grids begin in the same millisecond: the keys of
   * plan changes and of resets are told apart by it.
   */
  test('no two entries of an account have the same entry_id', () => {
    always(({ entries }) => {
      const ids = entries.map((entry) => entry.entry_id);
      expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
    });
  });
});

describe('credits', () => {
  test('never below zero under any interleaving', () => {
    always(({ account, entries }) => {
      for (const entry of entries) expect(entry.balance_after).toBeGreaterThanOrEqual(0);
      for (const lot of account.lots) {
        expect(lot.remaining).toBeGreaterThanOrEqual(0);
        expect(lot.remaining).toBeLessThanOrEqual(lot.amount);
      }
    });
  });

  test('a refused deduction needs more than there is, an accepted one takes exactly its amount', () => {
    atEachStep((before, _, journey, what) => {
      if (what.kind !== 'deduct') return;
      const { account } = rollForward(before, catalog, journey.now);
      const { unlimited } = balanceAt(account, catalog, Math.max(before.updated_at, journey.now));
      const available = availableIn(account.lots);
      const entry = journey.entries.at(-1);
      const accepted = journey.account !== before;
      expect(accepted).toBe(unlimited || what.amount <= available);
      if (!accepted) return;
      expect(entry?.amount).toBe(unlimited ? 0 : 0 - what.amount);
      expect(entry?.covered_credits).toBe(unlimited ? what.amount : undefined);
      expect(balanceOf(journey.account.lots)).toBe(available - (unlimited ? 0 : what.amount));
    });
  });

  test('spent bonus never comes back: a lot beside the monthly one only ever shrinks', () => {
    atEachStep((before, after, _, what) => {
      const known = new Map(before.lots.map((lot) => [lot.id, lot]));
      for (const lot of after.lots.filter(({ kind }) => kind !== 'monthly')) {
        const earlier = known.get(lot.id);
        if (earlier === undefined) expect(what.kind).toBe('grant');
        else expect(lot).toEqual({ ...earlier, remaining: Math.min(earlier.remaining, lot.remaining) });
      }
    });
  });

  test('only spending and its own expiry take from a lot beside the monthly one', () => {
    atEachStep((before, after, journey, what) => {
      if (what.kind === 'deduct') return;
      const left = before.lots.filter(
        ({ kind, expires_at }) => kind !== 'monthly' && (expires_at === null || expires_at > journey.now),
      );
      for (const lot of left) {
        const expired = lot.expires_at !== null && lot.expires_at <= after.updated_at;
        if (!expired) expect(after.lots).toContainEqual(lot);
      }
    });
  });

  test('available = monthly − used + bonus − held', () => {
    always(({ account, now }) => {
      const balance = balanceAt(account, catalog, Math.max(account.updated_at, now));
      if (balance.unlimited) {
        expect([balance.monthly_credits, balance.available_credits]).toEqual([null, null]);
        return;
      }
      const { monthly_credits, used_credits, bonus_credits, held_credits } = balance;
      expect(balance.available_credits).toBe((monthly_credits ?? 0) - used_credits + bonus_credits - held_credits);
      expect(balance.available_credits).toBe(availableIn(account.lots));
    });
  });
});

describe('time', () => {
  const spans = fc.array(fc.integer({ min: 0, max: 150 * day_ms }), { minLength: 2, maxLength: 2 });

  /**
   * Entries too, unless the split lies in a period that a single roll skips: then the two rolls grant that one, let it expire, and
   * have those entries beside the same lots.
   */
  test('two rolls equal one', () => {
    fc.assert(
      fc.property(beginnings, happenings, spans, (beginning, happened, ms) => {
        const { account } = lived(beginning, happened);
        const [split, end] = ms.toSorted((a, b) => a - b).map((span) => account.updated_at + span);
        if (split === undefined || end === undefined) return;
        const once = rollForward(account, catalog, end);
        const first = rollForward(account, catalog, split);
        const second = rollForward({ ...first.account, updated_at: split }, catalog, end);
        expect(standing(second.account)).toEqual(standing(once.account));
        const seen = first.account.period.index;
        if (seen !== account.period.index && seen !== once.account.period.index) return;
        expect([...first.entries, ...second.entries]).toEqual(once.entries);
      }),
      { numRuns: 500 },
    );
  });

  test('rolling twice to the same moment changes nothing', () => {
    always(({ account, now }) => {
      const { account: rolled } = rollForward(account, catalog, now);
      expect(rollForward(rolled, catalog, now)).toEqual({ account: rolled, entries: [] });
    });
  });

  test('one grant per period under any number of sweeps', () => {
    const sweeps = fc.array(fc.integer({ min: 0, max: 200 * day_ms }), { maxLength: 20 });
    fc.assert(
      fc.property(beginnings, happenings, sweeps, (beginning, happened, ms) => {
        const journey = lived(beginning, happened);
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
    always(({ account }) => {
      const due_at = dueAt(account, catalog);
      if (due_at === null) {
        expect(rollForward(account, catalog, account.updated_at + 4_000 * day_ms).account).toEqual(account);
        return;
      }
      expect(due_at).toBeGreaterThan(account.updated_at);
      expect(rollForward(account, catalog, due_at - 1)).toEqual({ account, entries: [] });
      const { account: rolled } = rollForward(account, catalog, due_at);
      expect([rolled.lots, rolled.period]).not.toEqual([account.lots, account.period]);
    });
  });

  test('a lot whose time is over is gone', () => {
    always(({ account, now }) => {
      const { account: rolled } = rollForward(account, catalog, now);
      const at = Math.max(account.updated_at, now);
      for (const lot of rolled.lots.filter(({ kind }) => kind !== 'monthly')) {
        expect(lot.expires_at ?? Number.POSITIVE_INFINITY).toBeGreaterThan(at);
      }
    });
  });
});

describe('periods and plans', () => {
  test('there is at most one monthly lot: of the running period, its plan and its end', () => {
    always(({ account }) => {
      const { plan, anchor_at, index } = account.period;
      const monthly = account.lots.filter(({ kind }) => kind === 'monthly');
      expect(monthly.length).toBeLessThanOrEqual(1);
      for (const lot of monthly) {
        expect(lot.amount).toBe(planOf(catalog, plan).monthly_credits);
        expect(lot.expires_at).toBe(periodEnd(anchor_at, index));
      }
    });
  });

  test('the running period is of the plan in effect', () => {
    always(({ account }) => {
      expect(account.period.plan).toBe(planInEffect(account, catalog).id);
    });
  });

  test('no period of a subscription is opened that is not paid for', () => {
    always(({ account }) => {
      const { stripe_subscription_id, anchor_at, index } = account.period;
      if (stripe_subscription_id === null) return;
      expect(account.subscription?.stripe_subscription_id).toBe(stripe_subscription_id);
      const paid_through = account.subscription?.paid?.through ?? Number.NEGATIVE_INFINITY;
      expect(periodStart(anchor_at, index)).toBeLessThan(paid_through);
    });
  });

  test('a plan change carries the usage over: up, down and up again regains nothing', () => {
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
